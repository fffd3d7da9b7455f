import libmime from "libmime"
import { charsetDecoder } from "./header-text.ts"

/** Longer fields stay as they are, characters. */
const longest = 20_000
const fileField = /^content-(?:type|disposition):[^\n]*(?:\n[ \t][^\n]*)*/gim
const nameKey = /^\s*((?:file)?name)(?:\*(\d{1,4}))?(\*?)\s*=\s*([^]*)$/i

/** One parameter, or one piece of it (RFC 2231 §3). */
interface NamePiece {
  /** Place among the pieces; undefined for what comes in one. */
  readonly number: number | undefined
  readonly encoded: boolean
  readonly value: string
  /** In the one form that nobody misreads. */
  readonly clear: boolean
}

/**
 * A header whose file names everybody reads alike: names in pieces, encoded, with semicolons or escapes become one encoded
 * parameter, in which nothing is left to be understood in two ways. Other fields stay as they are.
 */
export function withPlainNames(header: string): string {
  return header.replaceAll(fileField, (field) => (field.length > longest || !/name/i.test(field) ? field : plainField(field)))
}

function plainField(field: string): string {
  const text = field.trimEnd()
  const [value = "", ...parameters] = piecesOf(text.replaceAll(/\r?\n[ \t]+/g, " "))
  const names = parameters.flatMap((parameter) => pieceOf(parameter) ?? [])
  const name = nameOf(names)
  if (name === undefined || names.every(({ clear }) => clear)) return field
  const key = /^content-type/i.test(field) ? "name" : "filename"
  const encoded = encodeURIComponent(name.replaceAll(/[\u0000-\u001f\u007f]+/g, " ").toWellFormed()).replace(/[!'()*_~]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)
  return `${[value, ...parameters.filter((parameter) => !nameKey.test(parameter)), ` ${key}*=utf-8''${encoded}`].join(";")}${field.slice(text.length)}`
}

/** A field taken apart at the semicolons that are not within quotes. */
function piecesOf(text: string): string[] {
  return text.match(/(?:"(?:\\[^]|[^"\\])*(?:"|$)|[^;"])+/g) ?? []
}

function pieceOf(parameter: string): NamePiece | undefined {
  const [, key, number, star, raw = ""] = nameKey.exec(parameter) ?? []
  if (key === undefined) return undefined
  const quoted = /^"((?:\\[^]|[^"\\])*)"?\s*$/.exec(raw)?.[1]
  const clear = number === undefined && star === "" && !/[;\\\u0000-\u001f\u007f]/.test(raw.trim())
  return { number: number === undefined ? undefined : Number(number), encoded: star === "*", value: quoted === undefined ? raw.trim() : quoted.replaceAll(/\\([^])/g, "$1"), clear }
}

/** Of several forms of one name the encoded one counts. */
function nameOf(names: readonly NamePiece[]): string | undefined {
  const whole = names.find(({ number, encoded }) => number === undefined && encoded)
  if (whole) return joined([whole])
  const pieces = names.filter(({ number }) => number !== undefined).toSorted((a, b) => (a.number ?? 0) - (b.number ?? 0))
  if (pieces.length > 0) return joined(pieces)
  const plain = names[0]?.value
  return plain?.includes("=?") ? libmime.decodeWords(plain) : plain
}

/** Encoded pieces are bytes of one charset, which the first names; a character may lie in two of them. */
function joined(pieces: readonly NamePiece[]): string {
  const [, charset = "", first = ""] = /^([^']*)'[^']*'([^]*)$/.exec(pieces[0]?.value ?? "") ?? []
  const named = pieces[0]?.encoded === true && charset !== ""
  const decoder = charsetDecoder(named ? charset : "utf-8")
  let name = ""
  for (const [index, { encoded, value }] of pieces.entries()) {
    if (encoded) name += decoder.decode(bytesOf(index === 0 && named ? first : value), { stream: true })
    else name += decoder.decode() + value
  }
  return name + decoder.decode()
}

function bytesOf(value: string): Buffer {
  return Buffer.concat((value.match(/(?:%[0-9a-f]{2})+|[^%]+|%/gi) ?? []).map((part) => (/^%[0-9a-f]/i.test(part) ? Buffer.from(part.replaceAll("%", ""), "hex") : Buffer.from(part))))
}
