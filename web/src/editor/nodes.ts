import { Mark, mergeAttributes, Node } from "@tiptap/core"

const safeAddress = /^(?:https?:\/\/|mailto:|tel:)/i

/** What a person typed as a link's address, made whole; undefined where it is none that a mail may carry. */
export function linkAddress(text: string): string | undefined {
  const trimmed = text.trim()
  if (trimmed === "" || /[\s<>"]/.test(trimmed)) return undefined
  if (safeAddress.test(trimmed)) return trimmed
  if (/^[a-z][\w+.-]*:/i.test(trimmed) && !/^[\w.-]+:\d+(?:\/|$)/.test(trimmed)) return undefined
  if (/^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/.test(trimmed)) return `mailto:${trimmed}`
  return /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+(?:[:/?#].*)?$/u.test(trimmed) ? `https://${trimmed}` : undefined
}

/** A link. Not TipTap's own: that one brings a tokenizer for every top-level domain, 12 KB for what a key does. */
export const Link = Mark.create({
  name: "link",
  inclusive: false,
  addAttributes: () => ({ href: { default: "" } }),
  parseHTML: () => [{ tag: "a[href]", getAttrs: (element) => safeAddress.test(element.getAttribute("href") ?? "") && null }],
  renderHTML: ({ HTMLAttributes }) => ["a", mergeAttributes(HTMLAttributes, { rel: "noopener noreferrer" }), 0],
})

/** Where pictures of the mail being written are shown from: a blob or the upload's address. */
export type PictureAddress = (cid: string) => string | undefined

const source = (element: HTMLElement) => element.getAttribute("src") ?? ""
const byValue = /^data:image\/(?:png|jpeg|gif|webp);base64,[\w+/=]+$/

/**
 * A picture that goes along with the mail, known by its Content-ID (RFC 2392), or held in the text itself, as a
 * signature has it. Nothing from elsewhere is ever loaded.
 */
export const Picture = Node.create<{ address: PictureAddress }>({
  name: "picture",
  group: "inline",
  inline: true,
  draggable: true,
  addOptions: () => ({ address: () => undefined }),
  addAttributes: () => ({
    cid: { default: "", parseHTML: (element) => element.getAttribute("data-cid") ?? /^cid:(.*)/i.exec(source(element))?.[1] ?? "", renderHTML: ({ cid }) => (cid === "" ? {} : { "data-cid": String(cid) }) },
    src: { default: null, parseHTML: (element) => byValue.exec(source(element))?.[0] ?? null },
    alt: { default: "" },
    width: { default: null },
  }),
  parseHTML: () => [{ tag: "img[data-cid]" }, { tag: 'img[src^="cid:"]' }, { tag: "img", getAttrs: (element) => byValue.test(source(element)) && null }],
  renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
  addNodeView() {
    return ({ node }) => {
      const dom = document.createElement("img")
      const { cid, src, alt, width } = node.attrs
      dom.alt = String(alt)
      if (typeof width === "string" || typeof width === "number") dom.width = Number(width)
      const address = typeof src === "string" ? src : this.options.address(String(cid))
      if (address !== undefined) dom.src = address
      return { dom }
    }
  },
})

/** The writer's signature: ordinary text that is known as such, so that another one can take its place. */
export const Signature = Node.create({
  name: "signature",
  group: "block",
  content: "block+",
  defining: true,
  parseHTML: () => [{ tag: "div.lifeboat-signature" }],
  renderHTML: () => ["div", { class: "lifeboat-signature" }, 0],
})
