const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" }
const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

/** A text as content or attribute of an XML 1.0 document; characters that XML cannot hold are left out. */
export function escapeXml(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "").replace(/[&<>"']/g, (character) => entities[character] ?? "")
}

/** The text behind the five entities that every XML document knows. */
export function unescapeXml(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (_whole, name: string) => characters[name] ?? "")
}

/** Lines of a document, of which some may stand for several. */
export function xmlDocument(...lines: readonly (string | readonly string[])[]): string {
  return ['<?xml version="1.0" encoding="utf-8"?>', ...lines.flat(), ""].join("\n")
}
