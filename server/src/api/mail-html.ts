import type { FastifyReply } from "fastify"
import sanitizeHtml from "sanitize-html"

/** Policy of every page with a mail's HTML: nothing runs, nothing is fetched from elsewhere, not even by a sanitiser's mistake (design §9). */
export const mailHtmlPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

/** Longer HTML is cut, characters. */
const maxHtml = 5_000_000

const presentation = ["align", "valign", "bgcolor", "color", "width", "height", "border", "cellpadding", "cellspacing", "colspan", "rowspan", "dir", "lang", "title", "style", "face", "size", "start", "type", "nowrap"]

const allowedTags = [
  "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt",
  "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q", "s", "samp",
  "section", "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
]

export interface SafeHtml {
  readonly html: string
  /** Pictures and styles left out because they would be loaded from elsewhere. */
  readonly remoteContent: number
}

/**
 * A mail's HTML made harmless: an allow-list of elements, attributes and styles; links open elsewhere without a
 * referrer; remote pictures are left out and counted. `picture` gives the address of a picture that lies in the mail
 * itself, by what its `src` says (`cid:…`); undefined leaves it out.
 */
export function sanitizeMailHtml(source: string, picture: (src: string) => string | undefined): SafeHtml {
  let remoteContent = 0
  const html = sanitizeHtml(source.slice(0, maxHtml), {
    allowedTags,
    allowedAttributes: { "*": presentation, a: ["href", "target", "rel", "name"], img: ["src", "alt"] },
    allowedSchemes: ["http", "https", "mailto", "tel"],
    allowedSchemesByTag: { img: ["data"] },
    allowedSchemesAppliedToAttributes: ["href", "src"],
    allowProtocolRelative: false,
    nonTextTags: ["script", "style", "textarea", "option", "title", "noscript", "iframe", "object", "svg", "math", "template", "xmp", "noembed", "noframes"],
    nestingLimit: 250,
    parseStyleAttributes: false,
    transformTags: {
      "*": (tagName, attributes) => {
        const kept = { ...attributes }
        if (kept["background"] !== undefined) remoteContent++
        if (kept["style"] !== undefined) {
          const style = safeStyle(kept["style"])
          remoteContent += style.leftOut
          if (style.text === "") delete kept["style"]
          else kept["style"] = style.text
        }
        if (tagName === "img") {
          const src = safePicture(kept["src"] ?? "", picture)
          if (src === undefined) {
            delete kept["src"]
            if (isRemote(attributes["src"] ?? "")) remoteContent++
          } else kept["src"] = src
          if (kept["srcset"] !== undefined && src === undefined) remoteContent++
        }
        if (tagName === "a") {
          if (!/^\s*(https?:|mailto:|tel:)/i.test(kept["href"] ?? "")) delete kept["href"]
          kept["target"] = "_blank"
          kept["rel"] = "noopener noreferrer nofollow"
        }
        return { tagName, attribs: kept }
      },
    },
  })
  return { html, remoteContent }
}

function isRemote(src: string): boolean {
  return /^\s*(https?:)?\/\//i.test(src)
}

function safePicture(src: string, picture: (src: string) => string | undefined): string | undefined {
  const trimmed = src.trim()
  if (/^data:image\/(png|gif|jpe?g|webp);base64,[a-z0-9+/=\s]*$/i.test(trimmed)) return trimmed
  return isRemote(trimmed) ? undefined : picture(trimmed)
}

/** Declarations that name nothing outside. Escapes and comments are never needed for that, so whatever has them goes. */
function safeStyle(style: string): { text: string; leftOut: number } {
  let leftOut = 0
  const kept = style.split(";").filter((declaration) => {
    const colon = declaration.indexOf(":")
    if (colon < 1) return false
    const value = declaration.slice(colon + 1)
    if (/url\s*\(|image-set\s*\(|image\s*\(|src\s*\(/i.test(value)) {
      leftOut++
      return false
    }
    if (/[\\<>@{}]|\/\*|expression|javascript:|(?:attr|element|paint|env)\s*\(/i.test(declaration)) return false
    return !/^\s*(?:position|behavior|-moz-binding|z-index|animation[\w-]*|transition[\w-]*|pointer-events|cursor)\s*$/i.test(declaration.slice(0, colon))
  })
  return { text: kept.map((declaration) => declaration.trim()).join("; "), leftOut }
}

const ownStyle =
  "html{background:#fff;color:#1a1a1a;color-scheme:light}body{margin:16px;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}img{max-width:100%;height:auto}pre{white-space:pre-wrap}table{max-width:100%}"

/** Answers a mail's sanitised HTML as a page of its own with its own policy. */
export function sendMailHtml(reply: FastifyReply, safe: SafeHtml): FastifyReply {
  return reply
    // The sandbox gives the page an origin of its own; browsers warn about a header that asks for one as well.
    .removeHeader("origin-agent-cluster")
    .header("content-security-policy", mailHtmlPolicy)
    .header("x-frame-options", "SAMEORIGIN")
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "no-referrer")
    .header("cache-control", "private, no-store")
    .type("text/html; charset=utf-8")
    .send(`<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title></title><style>${ownStyle}</style></head><body>${safe.html}</body></html>`)
}
