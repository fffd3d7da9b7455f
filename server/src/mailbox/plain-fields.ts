import { decodeUtf7, isUtf7 } from "./utf7.ts"

/** Longer fields stay as they are, characters. */
const longest = 100_000
const addressField = /^(?:from|sender|reply-to|to|cc|bcc):[^\n]*(?:\n[ \t][^\n]*)*/gim

/**
 * A mail's header as everybody reads it alike. Of a subject or date that is there twice the last stays, which is the one
 * that a signature covers (RFC 6376 §5.4.2): what was put above it later is not shown.
 */
export function withPlainFields(header: string): string {
  const named = header.replaceAll(/^([!-9;-~]{1,100})[ \t]+:/gm, "$1:")
  const once = withoutRepeated(withoutRepeated(named, "subject", "last"), "date", "last")
  return withReadableWords(once).replaceAll(addressField, (field) => (field.length > longest ? field : plainAddresses(field)))
}

/** Encoded words in UTF-7 as words in UTF-8 (RFC 2047 §2): most readers know the one charset no more. */
export function withReadableWords(text: string): string {
  return text.replaceAll(/=\?([\w-]{5,20})\?([bq])\?([^?\s]{0,1000})\?=/gi, (word, charset: string, encoding: string, content: string) => {
    if (!isUtf7(charset)) return word
    const bytes = /b/i.test(encoding) ? Buffer.from(content, "base64") : Buffer.from(content.replaceAll("_", " ").replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), "latin1")
    return `=?utf-8?B?${Buffer.from(decodeUtf7(bytes)).toString("base64")}?=`
  })
}

/** A header in which each field that says what a part is stands once. */
export function withOneType(header: string): string {
  return ["content-type", "content-transfer-encoding", "content-disposition"].reduce((kept, name) => withoutRepeated(kept, name, "first"), header)
}

/** A header whose transfer encoding is a word alone: the mailbox store does not know the comments that may stand beside it. */
export function withPlainEncoding(header: string): string {
  return header.replace(/^(content-transfer-encoding:[ \t]*[\w-]+)[ \t]*[(;][^\r\n]*(?=\r?\n(?![ \t]))/im, "$1")
}

/** Addresses without what their readers differ about: comments within comments, brackets within brackets, and the ways by which mail once went. */
export function plainAddresses(value: string): string {
  if (!/[(<]\s*[(<@]|\([^)]*\(/.test(value)) return value
  let plain = ""
  let quoted = false
  let depth = 0
  for (const piece of value.match(/\\[^]|[^\\]|\\/g) ?? []) {
    if (piece === '"' && depth === 0) quoted = !quoted
    if (!quoted && piece === "(" && depth++ > 0) continue
    if (!quoted && piece === ")" && depth > 0 && --depth > 0) continue
    plain += piece
  }
  return depth > 0 || quoted ? value : plain.replaceAll(/<\s*<([^<>]*)>\s*>/g, "<$1>").replaceAll(/<\s*@[^<>:"]*:/g, "<")
}

function withoutRepeated(header: string, name: string, kept: "first" | "last"): string {
  const fields = [...header.matchAll(new RegExp(`^${name}[ \\t]*:[^\\n]*\\n(?:[ \\t][^\\n]*\\n)*`, "gim"))]
  const stays = kept === "first" ? fields[0] : fields.at(-1)
  if (fields.length < 2) return header
  let at = 0
  return fields.map((field) => {
    const before = header.slice(at, field.index)
    at = field.index + field[0].length
    return field === stays ? before + field[0] : before
  }).join("") + header.slice(at)
}
