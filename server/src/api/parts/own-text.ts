import { readStart, type MailPart } from "./mail-part.ts"
import { readText } from "./part-text.ts"
import { readRtf } from "./rtf-text.ts"

const maxBytes = 200_000
/** Names that files without one were given: here, and by the mailbox store. */
const nameless = /^(?:attachment-\d+|[0-9a-f]{8})\.\w{1,12}$/
const notRead = new Set(["text/calendar", "text/vcard", "text/x-vcard", "text/directory", "text/css"])

/** What a mail says whose text is neither plain nor HTML (Markdown, RTF, enriched text …): it comes first and has no name. Empty for every other mail. */
export async function ownText(parts: readonly MailPart[]): Promise<string> {
  const [part] = parts
  if (!part || !nameless.test(part.name) || notRead.has(part.contentType) || !(part.contentType.startsWith("text/") || part.contentType === "application/rtf")) return ""
  const { bytes, truncated } = await readStart(part, maxBytes)
  if (/^(?:text|application)\/rtf$/.test(part.contentType)) return readRtf(bytes).text
  const { text } = readText(bytes, part.charset, truncated)
  return part.contentType === "text/enriched" || part.contentType === "text/richtext" ? enrichedText(text) : text
}

/** Enriched text without its marks (RFC 1896): one line end is a space, more of them are one less. */
export function enrichedText(text: string): string {
  return text
    .replaceAll(/<param>[^<]{0,1000}<\/param>/gi, "")
    .replaceAll(/\n+/g, (ends) => (ends.length === 1 ? " " : ends.slice(1)))
    .replaceAll(/<nl>/gi, "\n")
    .replaceAll(/<<|<\/?[a-z0-9-]{1,60}>/gi, (mark) => (mark === "<<" ? "<" : ""))
}
