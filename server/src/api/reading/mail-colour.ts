/** A colour as fractions from 0 to 1, with its opacity. */
export interface Colour {
  readonly red: number
  readonly green: number
  readonly blue: number
  readonly alpha: number
}

/** What becomes of a colour on dark ground: it stays, it goes and the ground's own takes its place, or it makes the mail unreadable there. */
export type DarkFate = "keep" | "drop" | "unreadable"

/** Ground and text of mails shown dark; the page's own colours (`web/src/styles.css`). */
export const darkGround = { background: "#161e26", text: "#e7edf2", link: "#6cbbe8" } as const

const named: Readonly<Record<string, string>> = {
  black: "#000", white: "#fff", silver: "#c0c0c0", gray: "#808080", grey: "#808080", red: "#f00", maroon: "#800000", yellow: "#ff0", olive: "#808000", lime: "#0f0", green: "#008000", aqua: "#0ff", cyan: "#0ff",
  teal: "#008080", blue: "#00f", navy: "#000080", fuchsia: "#f0f", magenta: "#f0f", purple: "#800080", orange: "#ffa500", brown: "#a52a2a", pink: "#ffc0cb", gold: "#ffd700", lightgray: "#d3d3d3", lightgrey: "#d3d3d3",
  darkgray: "#a9a9a9", darkgrey: "#a9a9a9", dimgray: "#696969", whitesmoke: "#f5f5f5", snow: "#fffafa", ivory: "#fffff0", lightyellow: "#ffffe0", aliceblue: "#f0f8ff", ghostwhite: "#f8f8ff",
  darkblue: "#00008b", darkred: "#8b0000", darkgreen: "#006400", window: "#fff", windowtext: "#000", canvas: "#fff", canvastext: "#000",
}

/** Reads what mails write: hex with or without `#`, `rgb()`, `rgba()`, common names. Undefined for everything else. */
export function readColour(text: string): Colour | undefined {
  const value = text.trim().toLowerCase()
  if (value === "transparent") return { red: 0, green: 0, blue: 0, alpha: 0 }
  const hex = /^#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/.exec(Object.hasOwn(named, value) ? (named[value] ?? "") : value)?.[1]
  if (hex !== undefined) {
    const long = hex.length <= 4 ? [...hex].map((digit) => digit + digit).join("") : hex
    const part = (at: number) => Number.parseInt(long.slice(at, at + 2), 16) / 255
    return { red: part(0), green: part(2), blue: part(4), alpha: long.length === 8 ? part(6) : 1 }
  }
  const numbers = /^rgba?\(([\d\s.,/%]+)\)$/.exec(value)?.[1]?.split(/[\s,/]+/).filter((part) => part !== "").map((part) => (part.endsWith("%") ? Number(part.slice(0, -1)) * 2.55 : Number(part)))
  if (!numbers || numbers.length < 3 || numbers.some(Number.isNaN)) return undefined
  const [red = 0, green = 0, blue = 0, alpha = 1] = numbers
  return { red: red / 255, green: green / 255, blue: blue / 255, alpha: Math.min(alpha, 1) }
}

/** Relative luminance, 0 to 1 (WCAG 2.2). */
export function luminance({ red, green, blue }: Colour): number {
  const [r = 0, g = 0, b = 0] = [red, green, blue].map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** Contrast of two luminances, 1 to 21 (WCAG 2.2). */
export function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}

const lightness = (colour: string) => luminance(readColour(colour) ?? { red: 0, green: 0, blue: 0, alpha: 1 })
const ground = lightness(darkGround.background)
const ink = lightness(darkGround.text)

/** A text colour on dark ground: kept where it can be read there, otherwise the ground's own takes its place. */
export function darkText(value: string): DarkFate {
  if (/^(?:inherit|currentcolor|initial|unset)$/i.test(value.trim())) return "keep"
  const colour = readColour(value)
  return colour && colour.alpha > 0.6 && contrast(luminance(colour), ground) >= 4.5 ? "keep" : "drop"
}

/** A background on dark ground: paper goes, dark surfaces stay, and whatever is coloured was chosen together with its text. */
export function darkBackground(value: string): DarkFate {
  if (/^(?:inherit|initial|unset|none|)$/i.test(value.trim())) return "drop"
  const colour = readColour(value)
  if (!colour) return "unreadable"
  const paper = luminance(colour) >= 0.8 && Math.max(colour.red, colour.green, colour.blue) - Math.min(colour.red, colour.green, colour.blue) <= 0.2
  if (colour.alpha < 0.1 || paper) return "drop"
  return colour.alpha > 0.9 && contrast(luminance(colour), ink) >= 7 ? "keep" : "unreadable"
}
