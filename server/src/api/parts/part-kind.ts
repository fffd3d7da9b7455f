import type { Attachment } from "@lifeboat/shared/schemas/mail"

/** Types that say nothing, where the name's ending says more. */
const unspecific = new Set(["", "application/octet-stream", "application/x-octet-stream", "application/download", "application/force-download", "application/x-download", "binary/octet-stream"])

const typesByEnding: Readonly<Record<string, string>> = {
  png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp", pdf: "application/pdf", eml: "message/rfc822", ics: "text/calendar", csv: "text/csv", json: "application/json", xml: "application/xml",
}

const textEndings = new Set(
  "txt log md csv tsv json xml yml yaml ini conf cfg toml sql sh bash py rb pl php js mjs ts tsx jsx java kt c h cc cpp hpp cs go rs swift css scss html htm ics vcf diff patch tex srt properties bat cmd ps1 reg asc".split(" "),
)

const textTypes = new Set([
  "application/json", "application/xml", "application/javascript", "application/x-javascript", "application/ecmascript", "application/sql", "application/x-sh", "application/x-yaml", "application/yaml", "application/toml",
  "application/x-httpd-php", "application/x-perl", "application/x-python", "application/xhtml+xml", "application/ld+json", "application/x-subrip", "message/delivery-status", "message/disposition-notification",
])

const pictures = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"])

function endingOf(name: string): string {
  return /\.([a-z0-9]{1,12})\s*$/i.exec(name.slice(-40))?.[1]?.toLowerCase() ?? ""
}

/** A file's type in lower case, without parameters: the one its sender names, or, where that says nothing, the one its name's ending stands for. */
export function typeOf(contentType: string, name: string): string {
  const plain = (contentType.split(";")[0] ?? "").trim().toLowerCase()
  const type = plain === "image/jpg" || plain === "image/pjpeg" ? "image/jpeg" : plain === "application/x-pdf" ? "application/pdf" : plain
  if (unspecific.has(type)) return typesByEnding[endingOf(name)] ?? (type || "application/octet-stream")
  return type
}

/** What of a file can be shown without its being run: pictures made of pixels, anything that is text (as text), PDF, mails. */
export function previewOf(contentType: string, name: string): Attachment["preview"] {
  const type = typeOf(contentType, name)
  if (pictures.has(type)) return "picture"
  if (type === "application/pdf") return "pdf"
  if (type === "message/rfc822" || type === "message/global") return "mail"
  if (type.startsWith("text/") && type !== "text/rtf") return "text"
  if (textTypes.has(type) || /^application\/[\w.-]+\+(?:json|xml)$/.test(type)) return "text"
  if (unspecific.has(type) && textEndings.has(endingOf(name))) return "text"
  return "none"
}

export function isTnef(contentType: string, name: string): boolean {
  const type = (contentType.split(";")[0] ?? "").trim().toLowerCase()
  return type === "application/ms-tnef" || type === "application/vnd.ms-tnef" || (unspecific.has(type) && /^win(?:mail)?\.dat$/i.test(name.trim()))
}

/** S/MIME in one piece: signed, encrypted or compressed (RFC 8551 §3.2). */
export function isSealed(contentType: string, name: string): boolean {
  return /^application\/(?:x-)?pkcs7-mime$/.test(contentType) || (unspecific.has(contentType) && /\.p7m$/i.test(name.trim()))
}

export function isCalendar(contentType: string, name: string): boolean {
  const type = typeOf(contentType, name)
  return type === "text/calendar" || type === "application/ics"
}
