import libmime from "libmime"
import { plainName } from "@lifeboat/shared/hidden-characters"
import addressparser from "nodemailer/lib/addressparser/index.js"
import { headerText } from "../mailbox/header-text.ts"
import { plainAddresses, withReadableWords } from "../mailbox/plain-fields.ts"
import type { MessageDocument } from "../store/documents.ts"
import { writtenDate } from "./mail-date.ts"

const wanted = new Set(["subject", "from", "sender", "to", "date", "message-id"])
/** Of these the last counts where there are several, as in the mailbox. */
const lastCounts = new Set(["subject", "date"])
const longest = 2_000

/**
 * What lists show of a mail, from its header block; `content`: what follows it, which may name the charset of a raw one.
 * Never throws: a header that cannot be understood is shown as it is, and no delivery depends on it. Names are compared,
 * never used as object keys.
 */
export function summarize(header: Buffer, content?: Buffer): MessageDocument["summary"] {
  const found = new Map<string, string>()
  let name = ""
  for (const line of headerText(header, content).split(/\r?\n/)) {
    if (line === "") break
    if (/^[ \t]/.test(line)) {
      const value = name === "" ? undefined : found.get(name)
      if (value !== undefined && value.length < longest) found.set(name, `${value} ${line.trim()}`)
      continue
    }
    const colon = line.indexOf(":")
    const field = colon > 0 ? line.slice(0, colon).trim().toLowerCase() : ""
    name = wanted.has(field) && (lastCounts.has(field) || !found.has(field)) ? field : ""
    if (name !== "") found.set(name, line.slice(colon + 1, colon + 1 + longest).trim())
  }
  return {
    subject: decode(found.get("subject")),
    from: decode(writer(found.get("from") ?? found.get("sender"))),
    to: decode(found.get("to")),
    messageId: found.get("message-id")?.slice(0, 998) ?? null,
    date: writtenDate(found.get("date")) ?? null,
  }
}

/** Who says to have written it, as the mailbox shows it: of a group the first in it, and nobody for an address that is none. */
function writer(value = ""): string {
  const plain = plainAddresses(value)
  const entries = addressparser(plain)
  if (!plain.includes("(") && entries.length > 0 && entries.every((entry) => "address" in entry && entry.address?.includes("@"))) return plain
  const people = entries.flatMap((entry) => ("group" in entry && entry.group !== undefined ? entry.group.slice(0, 1) : [entry]))
  return people.map(({ name = "", address = "" }) => (address === "" ? name : name === "" ? address : `${quoted(name)} <${address}>`)).join(", ")
}

function quoted(name: string): string {
  return /[",;:<>@()\\]/.test(name) ? `"${name.replaceAll(/["\\]/g, "\\$&")}"` : name
}

function decode(value: string | undefined): string {
  if (value === undefined) return ""
  let text = value
  if (value.includes("=?")) {
    try {
      text = libmime.decodeWords(withReadableWords(value))
    } catch {
      text = value
    }
  }
  return plainName(text).slice(0, longest).toWellFormed()
}
