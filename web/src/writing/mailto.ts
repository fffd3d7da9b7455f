import type { Letter } from "./letter.ts"

/** What a `mailto:` address asks for (RFC 6068): recipients, subject and text; every other field is left out. Undefined where it is none. */
export function readMailto(address: string): Pick<Letter, "to" | "cc" | "bcc" | "subject" | "text"> | undefined {
  const match = /^mailto:([^?#]*)(?:\?([^#]*))?/i.exec(address.trim())
  if (!match) return undefined
  const fields = new Map<string, string[]>()
  for (const pair of (match[2] ?? "").split("&")) {
    const at = pair.indexOf("=")
    if (at < 1) continue
    const name = decoded(pair.slice(0, at)).toLowerCase()
    fields.set(name, [...(fields.get(name) ?? []), decoded(pair.slice(at + 1))])
  }
  const people = (texts: readonly string[]) => texts.flatMap((text) => text.split(",")).map((text) => text.trim()).filter((text) => text !== "").slice(0, 100)
  const line = (text: string) => text.replace(/[\u0000-\u001f\u007f]+/g, " ")
  return {
    to: people([...(match[1] ?? "").split(",").map(decoded), ...(fields.get("to") ?? [])].map(line)),
    cc: people((fields.get("cc") ?? []).map(line)),
    bcc: people((fields.get("bcc") ?? []).map(line)),
    subject: line(fields.get("subject")?.[0] ?? "").slice(0, 2000),
    text: (fields.get("body")?.[0] ?? "").replaceAll("\r\n", "\n").slice(0, 100_000),
  }
}

/** A plus is a plus here, not a space (RFC 6068 §5). */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
