/** A node of the editor's document, as its JSON has it. */
export interface TextNode {
  readonly type?: string
  readonly text?: string
  readonly attrs?: Readonly<Record<string, unknown>> | undefined
  readonly content?: readonly TextNode[] | undefined
  readonly marks?: readonly { readonly type: string; readonly attrs?: Readonly<Record<string, unknown>> | undefined }[] | undefined
}

const plainTypes = new Set(["doc", "paragraph", "text", "hardBreak", "signature"])

/** Whether plain text could not say all that this document says. */
export function hasFormatting(node: TextNode): boolean {
  return !plainTypes.has(node.type ?? "") || (node.marks ?? []).length > 0 || (node.content ?? []).some(hasFormatting)
}

/** The document as plain text: lists with marks, quotes with `> `, links with their address, the signature after `-- ` (RFC 3676 §4.3). */
export function textOf(node: TextNode): string {
  return linesOf(node).join("\n")
}

function linesOf(node: TextNode): string[] {
  const children = node.content ?? []
  switch (node.type) {
    case "paragraph": return inline(children).split("\n")
    case "bulletList": return children.flatMap((item) => indented(item, "- "))
    case "orderedList": {
      const start = typeof node.attrs?.["start"] === "number" ? node.attrs["start"] : 1
      return children.flatMap((item, at) => indented(item, `${start + at}. `))
    }
    case "blockquote": return children.flatMap(linesOf).map((line) => (line === "" ? ">" : line.startsWith(">") ? `>${line}` : `> ${line}`))
    case "table": return children.map((row) => (row.content ?? []).map((cell) => linesOf(cell).join(" ")).join("\t"))
    case "signature": return ["-- ", ...children.flatMap(linesOf)]
    case "horizontalRule": return ["----------"]
    default: return children.flatMap(linesOf)
  }
}

function indented(item: TextNode, mark: string): string[] {
  return linesOf(item).map((line, at) => (at === 0 ? mark : " ".repeat(mark.length)) + line)
}

function inline(nodes: readonly TextNode[]): string {
  return nodes.map((node) => {
    if (node.type === "hardBreak") return "\n"
    if (node.type === "picture") return `[${typeof node.attrs?.["alt"] === "string" ? node.attrs["alt"] : ""}]`
    const text = node.text ?? ""
    const href = node.marks?.find(({ type }) => type === "link")?.attrs?.["href"]
    return typeof href !== "string" || href === text || href === `mailto:${text}` || href === `https://${text}` ? text : `${text} <${href}>`
  }).join("")
}

/** Plain text as HTML: one paragraph a line; the signature is known by its mark. */
export function htmlOfText(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").split("\n")
  const mark = lines.indexOf("-- ")
  const paragraphs = (some: readonly string[]) => some.map((line) => `<p>${escaped(line)}</p>`).join("")
  if (mark < 0) return paragraphs(lines)
  return `${paragraphs(lines.slice(0, mark))}<div class="lifeboat-signature">${paragraphs(lines.slice(mark + 1))}</div>`
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }
const escaped = (text: string) => text.replace(/[&<>"]/g, (character) => entities[character] ?? "").replace(/^ | (?= )/g, "\u00a0")
