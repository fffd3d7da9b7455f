import { isSingle, shortcuts, type ShortcutName } from "./table.ts"

/** What of a key event matters. */
export interface Stroke {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly altKey: boolean
  readonly shiftKey: boolean
  /** Characters of the third level (`[` on a German keyboard) come with Ctrl and Alt held. */
  readonly altGraph: boolean
}

const sequenceMs = 1_500

/** Name of a stroke as the table has it: `j`, `#`, `Shift+I`, `Control+Z`, `Delete`; undefined for what no shortcut uses. */
export function strokeOf({ key, ctrlKey, metaKey, altKey, shiftKey, altGraph }: Stroke): string | undefined {
  if (key.length > 1) return ctrlKey || metaKey || altKey || shiftKey ? undefined : key
  if (altGraph) return key
  if (altKey) return undefined
  const letter = /^\p{L}$/u.test(key)
  if (ctrlKey || metaKey) return letter ? `Control+${shiftKey ? "Shift+" : ""}${key.toUpperCase()}` : undefined
  return letter && shiftKey ? `Shift+${key.toUpperCase()}` : letter ? key.toLowerCase() : key
}

/** Reads strokes one after the other. `singles` off: only keys with Ctrl, and Delete, do something (WCAG 2.1.4). */
export class KeyReader {
  #begun: { readonly stroke: string; readonly at: number } | undefined

  /** Answers the shortcut that a stroke completes, `begun` for the first of a sequence, undefined for neither. Times in milliseconds. */
  read(event: Stroke, now: number, singles: boolean): ShortcutName | "begun" | undefined {
    const stroke = strokeOf(event)
    const begun = this.#begun && now - this.#begun.at <= sequenceMs ? this.#begun.stroke : undefined
    this.#begun = undefined
    if (stroke === undefined || (!singles && isSingle(stroke))) return undefined
    const wanted = begun === undefined ? stroke : `${begun} ${stroke}`
    const found = shortcuts.find(({ keys }) => (keys as readonly string[]).includes(wanted))
    if (found) return found.does
    if (begun === undefined && shortcuts.some(({ keys }) => (keys as readonly string[]).some((key) => key.startsWith(`${stroke} `)))) {
      this.#begun = { stroke, at: now }
      return "begun"
    }
    return undefined
  }
}
