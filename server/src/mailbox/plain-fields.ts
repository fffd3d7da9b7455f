/** Longer fields stay as they are, characters. */
const longest = 100_000
const addressField = /^(?:from|sender|reply-to|to|cc|bcc):[^\n]*(?:\n[ \t][^\n]*)*/gim

/**
 * A mail's header as everybody reads it alike. Of a subject or date that is there twice the last stays, which is the one
 * that a signature covers (RFC 6376 §5.4.2): what was put above it later is not shown.
 */
export function withPlainFields(header: string): string {
  const once = withoutRepeated(withoutRepeated(header, "subject", "last"), "date", "last")
  return once.replaceAll(addressField, (field) => (field.length > longest ? field : plainAddresses(field)))
}

/** A header in which each field that says what a part is stands once. */
export function withOneType(header: string): string {
  return ["content-type", "content-transfer-encoding", "content-disposition"].reduce((kept, name) => withoutRepeated(kept, name, "first"), header)
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
