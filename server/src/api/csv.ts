import { Readable } from "node:stream"
import type { FastifyReply } from "fastify"
import { Type } from "typebox"
import { OneOf } from "@lifeboat/shared/schemas/list"

export const csvType = "text/csv; charset=utf-8"
export const separators = [",", ";"] as const
export type Separator = (typeof separators)[number]

/** Query of every export: spreadsheets of some languages read only `;`. */
export const CsvQuery = Type.Object({ separator: Type.Optional(OneOf(separators)) })

/** One row of a file that was read; `line` counts lines of the text from 1. */
export interface CsvRow {
  readonly line: number
  readonly cells: readonly string[]
}

/** Begins a formula in some spreadsheet, also behind blanks or in full width. */
const formula = /^[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20]/
const defused = /^'(?=[\s\u0000-\u001f]*[=+\-@\uff1d\uff0b\uff0d\uff20])/

/** One line of CSV (RFC 4180) ending in CRLF. What a spreadsheet would run as a formula gets an apostrophe before it. */
export function csvLine(cells: readonly string[], separator: Separator = ","): string {
  const written = cells.map((cell) => {
    const text = formula.test(cell) || /^[\t\r]/.test(cell) ? `'${cell}` : cell
    return /[",;\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  })
  return `${written.join(separator)}\r\n`
}

/** Sends rows as a file while they come: a byte order mark, the header, and then each batch. */
export function sendCsv(reply: FastifyReply, fileName: string, header: readonly string[], batches: AsyncIterable<readonly (readonly string[])[]>, separator: Separator = ","): FastifyReply {
  async function* chunks(): AsyncGenerator<string> {
    yield `\ufeff${csvLine(header, separator)}`
    for await (const rows of batches) yield rows.map((row) => csvLine(row, separator)).join("")
  }
  return reply.type(csvType).header("content-disposition", `attachment; filename="${fileName}"`).send(Readable.from(chunks(), { objectMode: false }))
}

/** The text of a file as spreadsheets save it: UTF-8 or UTF-16 with or without a mark, else Windows-1252. */
export function decodeCsv(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes)
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder("windows-1252").decode(bytes)
  }
}

/** Reads rows separated by `,` or `;`, whichever the first line has more of. Empty lines are left out; the apostrophe of `csvLine` is taken off. */
export function* readCsv(text: string): Generator<CsvRow> {
  const separator = separatorOf(text)
  let line = 1
  let start = 1
  let cells: string[] = []
  let cell = ""
  const row = (): CsvRow | undefined => {
    const read = [...cells, cell].map((each) => each.trim().replace(defused, ""))
    cells = []
    cell = ""
    return read.every((each) => each === "") ? undefined : { line: start, cells: read }
  }
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ""
    if (char === '"' && cell.trim() === "") {
      cell = ""
      for (at++; at < text.length; at++) {
        if (text[at] === '"' && text[at + 1] !== '"') break
        if (text[at] === '"') at++
        if (text[at] === "\n") line++
        cell += text[at] ?? ""
      }
    } else if (char === separator) {
      cells.push(cell)
      cell = ""
    } else if (char === "\n" || char === "\r") {
      if (char === "\r" && text[at + 1] === "\n") at++
      const read = row()
      if (read) yield read
      line++
      start = line
    } else {
      cell += char
    }
  }
  const last = row()
  if (last) yield last
}

function separatorOf(text: string): Separator {
  const first = /^[^\r\n]*/.exec(text.trimStart())?.[0].replace(/"[^"]*"/g, "") ?? ""
  return first.split(";").length > first.split(",").length ? ";" : ","
}
