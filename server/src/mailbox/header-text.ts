import { isUtf8 } from "node:buffer"

/** Longer fields are not understood, characters. */
export const maxField = 4_000
export const contentType = /^content-type:[^\n]*(?:\n[ \t][^\n]*)*/im

/** So much of what follows a header is asked for a charset, bytes. */
const looked = 4_096

/** Header bytes as text: UTF-8, raw ISO-2022-JP, or the charset that the header names, or the first part in `content`; western where none is named. */
export function headerText(bytes: Buffer, content?: Buffer): string {
  const raw = bytes.toString("latin1")
  if (isUtf8(bytes)) return /\u001b\$[@B]/.test(raw) ? new TextDecoder("iso-2022-jp").decode(bytes) : bytes.toString()
  const named = knownCharset(typeParameter(raw, "charset")) ?? knownCharset(/^content-type:[^\n]{0,200}(?:\n[ \t][^\n]{0,200})?;\s*charset\s*=\s*"?([\w.:-]{1,40})/im.exec(content?.toString("latin1", 0, looked) ?? "")?.[1])
  return named === undefined || named === "utf-8" ? linesText(bytes) : charsetDecoder(named).decode(bytes)
}

/** Where nothing says in which charset it is, fields may be in several. */
function linesText(bytes: Buffer): string {
  const western = new TextDecoder("windows-1252")
  const lines: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0x0a, at) + 1 || bytes.length
    const line = bytes.subarray(at, end)
    lines.push(isUtf8(line) ? line.toString() : western.decode(line))
    at = end
  }
  return lines.join("")
}

/** Mail has charsets that are not known here: their text is taken for western. */
export function charsetDecoder(charset: string) {
  try {
    return new TextDecoder(charset)
  } catch {
    return new TextDecoder("windows-1252")
  }
}

/** A charset's common name; undefined for none and for unknown ones. US-ASCII says nothing about what is more than that. */
export function knownCharset(name: string | undefined): string | undefined {
  if (name === undefined || /^\s*(?:us-|ansi_x3.*)?ascii\s*$/i.test(name)) return undefined
  // Those that browsers do not know, but mail has.
  if (/^(?:utf-?7|unicode-1-1-utf-7|utf-?32.*|utf8mb4|ibm\d+|cp\d{3}|iso-2022-(?:kr|cn).*)$/i.test(name)) return name.toLowerCase()
  try {
    return new TextDecoder(name).encoding
  } catch {
    return undefined
  }
}

/** A parameter of the header's Content-Type. */
export function typeParameter(header: string, name: string): string | undefined {
  const field = contentType.exec(header)?.[0].slice(0, maxField).replaceAll(/\r?\n[ \t]+/g, " ") ?? ""
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|'([^';]*)'|([^\\s;"]+))`, "i").exec(field)
  return (match?.[1]?.replaceAll(/\\(.)/g, "$1") ?? match?.[2] ?? match?.[3])?.trim() || undefined
}
