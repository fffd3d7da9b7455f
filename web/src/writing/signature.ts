const blocks = /<\/(?:p|div|li|tr|h[1-6])>|<br\s*\/?>/gi
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " }

/** A signature's HTML, which the server sanitised, as plain text. */
export function signatureText(html: string): string {
  return html
    .replace(/\s+/g, " ")
    .replace(blocks, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name.toLowerCase()] ?? whole
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
    })
    .split("\n").map((line) => line.trim()).join("\n").replace(/\n{3,}/g, "\n\n").trim()
}

/** The signature as the editor takes it for one. */
export const signatureHtml = (html: string) => `<div class="lifeboat-signature">${html}</div>`
