/** Elements that stand on lines of their own. */
const block = new Set(["address", "article", "aside", "blockquote", "center", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul"])
const spaced = new Set(["p", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "ul", "table", "pre", "dl"])
const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " }

/** Lines being written; what is quoted stands behind `>`. */
class Lines {
  readonly #lines: string[] = []
  #line = ""
  /** An empty line comes before the next one, marked as deep as both its neighbours are. */
  #space = false
  #above = 0
  quotes = 0

  add(text: string): void {
    this.#line += this.#line === "" || this.#line.endsWith(" ") ? text.trimStart() : text
  }

  addVerbatim(text: string): void {
    text.split("\n").forEach((line, index) => {
      if (index > 0) this.end(true)
      this.#line += line
    })
  }

  /** Ends the line where it holds anything; `even` ends it all the same. */
  end(even = false): void {
    const text = this.#line.trimEnd()
    this.#line = ""
    if (text === "" && !even) return
    if (this.#space && this.#lines.length > 0) this.#lines.push(marked("", Math.min(this.#above, this.quotes)))
    this.#space = false
    this.#above = this.quotes
    this.#lines.push(marked(text, this.quotes))
  }

  /** One empty line, never two. */
  space(): void {
    this.end()
    this.#space = true
  }

  text(): string {
    this.end()
    return this.#lines.join("\n").replace(/^(?:\s*\n)+/, "").trimEnd()
  }
}

function marked(text: string, quotes: number): string {
  return quotes === 0 ? text : `${">".repeat(quotes)}${text === "" ? "" : " "}${text}`
}

/**
 * The text of HTML that `outgoingHtml` has cleaned: paragraphs, lists, quotes behind `>`, links with their address. It
 * becomes the other alternative of a mail that is written in HTML only (RFC 2046 §5.1.4).
 */
export function htmlText(html: string): string {
  const lines = new Lines()
  const lists: { ordered: boolean; count: number }[] = []
  const links: { href: string; from: string }[] = []
  let verbatim = 0
  let cells = 0
  for (const [token, closing, name = "", rest = ""] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:"[^"]*"|[^">])*)>|[^<]+|</gi)) {
    const tag = name.toLowerCase()
    if (tag === "") {
      const text = decoded(token)
      if (verbatim > 0) lines.addVerbatim(text)
      else lines.add(text.replace(/[ \t\r\n\f]+/g, " "))
      const link = links.at(-1)
      if (link) link.from += text
      continue
    }
    if (closing === "/") {
      if (tag === "a") {
        const link = links.pop()
        if (link && worthTelling(link)) lines.add(` <${link.href.replace(/^mailto:/i, "")}>`)
      }
      if (tag === "pre") verbatim = Math.max(0, verbatim - 1)
      if (tag === "ol" || tag === "ul") lists.pop()
      if (block.has(tag)) lines.end()
      if (tag === "blockquote") lines.quotes = Math.max(0, lines.quotes - 1)
      if (spaced.has(tag) && lists.length === 0) lines.space()
      continue
    }
    if (block.has(tag)) lines.end()
    if (spaced.has(tag) && lists.length === 0) lines.space()
    if (tag === "br") lines.end(true)
    else if (tag === "hr") lines.add("-".repeat(40))
    else if (tag === "img") lines.add(imageText(rest))
    else if (tag === "a") links.push({ href: attribute(rest, "href"), from: "" })
    else if (tag === "pre") verbatim++
    else if (tag === "blockquote") lines.quotes++
    else if (tag === "ol" || tag === "ul") lists.push({ ordered: tag === "ol", count: 0 })
    else if (tag === "tr") cells = 0
    else if ((tag === "td" || tag === "th") && cells++ > 0) lines.add(" \t")
    else if (tag === "li") {
      const list = lists.at(-1)
      if (list) list.count++
      lines.addVerbatim("  ".repeat(Math.max(0, lists.length - 1)) + (list?.ordered ? `${list.count}. ` : "- "))
    }
    if (tag === "hr") lines.end()
  }
  return lines.text()
}

/** The text of a mail with `>` before every line (RFC 3676 §4.5: no space between quote marks); its signature is left out. */
export function quotedText(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").replace(/\n-- \n[\s\S]*$/, "").trimEnd().split("\n")
  return lines.map((line) => (line.startsWith(">") ? `>${line}` : line === "" ? ">" : `> ${line}`)).join("\n")
}

/** Plain text as HTML: escaped, its lines kept. */
export function textHtml(text: string): string {
  return escapeHtml(text).replace(/\r?\n/g, "<br>\n").replace(/ {2}/g, " &nbsp;")
}

/** Text that stands in HTML as itself. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

function worthTelling({ href, from }: { href: string; from: string }): boolean {
  const bare = (text: string) => text.trim().toLowerCase().replace(/^(?:https?:\/\/|mailto:|tel:)/, "").replace(/\/$/, "")
  return href !== "" && bare(href) !== bare(from)
}

function imageText(attributes: string): string {
  const alt = attribute(attributes, "alt").trim()
  return alt === "" ? "" : `[${alt}]`
}

function attribute(attributes: string, name: string): string {
  return decoded(new RegExp(`\\s${name}="([^"]*)"`, "i").exec(attributes)?.[1] ?? "")
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
    if (name !== undefined) return entities[name.toLowerCase()] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
