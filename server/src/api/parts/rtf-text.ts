import { codepageDecoder } from "./codepage.ts"

/** What an RTF text says. `html`: the HTML it was made of, where it was (MS-OXRTFEX). */
export interface RtfContent {
  readonly text: string
  readonly html: string | undefined
}

interface Group {
  /** Not part of the text: fonts, colours, pictures and whatever is unknown. */
  readonly skipped: boolean
  /** Holds a piece of the original HTML. */
  readonly tag: boolean
  /** Characters after \u that stand for the same in old programs. */
  fallback: number
  /** Formatting that the original HTML does not have. */
  rtfOnly: boolean
}

const aside = new Set(["fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "headerl", "headerr", "headerf", "footerl", "footerr", "footerf", "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "themedata", "colorschememapping", "latentstyles", "datastore", "xmlnstbl", "filetbl", "fldinst"])
const characters: Readonly<Record<string, string>> = {
  par: "\n", line: "\n", sect: "\n", page: "\n", row: "\n", tab: "\t", cell: "\t", emdash: "—", endash: "–", bullet: "•", lquote: "‘", rquote: "’", ldblquote: "“", rdblquote: "”", emspace: " ", enspace: " ", qmspace: " ", zwj: "\u200d", zwnj: "\u200c",
}
const maxDepth = 500

/** Reads RTF in one pass; broken RTF gives what can be read of it. Never throws. */
export function readRtf(rtf: Buffer): RtfContent {
  const source = rtf.toString("latin1")
  const decoder = codepageDecoder(Number(/\\ansicpg(\d{1,5})/.exec(source.slice(0, 2000))?.[1] ?? 1252))
  const fromHtml = /\\fromhtml1?(?![\w-])/.test(source.slice(0, 2000))
  const text: string[] = []
  const html: string[] = []
  const stack: Group[] = []
  let group: Group = { skipped: false, tag: false, fallback: 1, rtfOnly: false }
  let toSkip = 0
  let bytes: number[] = []

  const flush = () => {
    if (bytes.length === 0) return
    const run = decoder.decode(Uint8Array.from(bytes))
    bytes = []
    write(run)
  }
  const write = (run: string) => {
    if (group.tag) html.push(run)
    else if (!group.skipped && !group.rtfOnly) {
      text.push(run)
      html.push(escaped(run))
    }
  }
  const plain = (byte: number) => {
    if (toSkip > 0) toSkip--
    else if (!group.skipped || group.tag) bytes.push(byte)
  }

  const token = /\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n])/giy
  for (let match = token.exec(source); match; match = token.exec(source)) {
    const [, word, number, hex, symbol, brace, character] = match
    if (hex !== undefined) plain(Number.parseInt(hex, 16))
    else if (character !== undefined) plain(character.charCodeAt(0))
    else if (brace === "{") {
      flush()
      if (stack.length >= maxDepth) break
      stack.push(group)
      group = { ...group }
      toSkip = 0
    } else if (brace === "}") {
      flush()
      group = stack.pop() ?? group
      toSkip = 0
    } else if (symbol !== undefined) {
      if (symbol === "*") {
        const known = /\\htmltag\d* ?/iy
        known.lastIndex = token.lastIndex
        flush()
        if (known.test(source) && fromHtml) {
          token.lastIndex = known.lastIndex
          group = { ...group, skipped: true, tag: true }
        } else group = { ...group, skipped: true, tag: false }
      } else if (symbol === "~") plain(0xa0)
      else if ("\\{}".includes(symbol)) plain(symbol.charCodeAt(0))
      else if (symbol === "\n" || symbol === "\r") break_("\n")
    } else if (word !== undefined) {
      flush()
      const name = word.toLowerCase()
      if (name === "u") {
        if (toSkip === 0) write(String.fromCharCode((Number(number ?? 0) + 65_536) % 65_536))
        toSkip = group.fallback
      } else if (name === "uc") group.fallback = Math.max(0, Math.min(8, Number(number ?? 1)))
      else if (name === "htmlrtf") group.rtfOnly = fromHtml && number !== "0"
      else if (name === "bin") token.lastIndex += Math.max(0, Number(number ?? 0))
      else if (aside.has(name)) group = { ...group, skipped: true }
      else if (characters[name] !== undefined) break_(characters[name])
    }
  }
  flush()
  return { text: text.join("").trim(), html: fromHtml ? html.join("").toWellFormed() : undefined }

  function break_(what: string): void {
    flush()
    write(what)
  }
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
}
