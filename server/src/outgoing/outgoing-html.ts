import sanitizeHtml from "sanitize-html"

/** Longer HTML is cut, characters. */
const maxHtml = 10_000_000

const presentation = ["align", "valign", "bgcolor", "color", "width", "height", "border", "cellpadding", "cellspacing", "colspan", "rowspan", "dir", "lang", "title", "style", "face", "size", "start", "type", "nowrap"]

const tags = [
  "a", "abbr", "address", "article", "aside", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em",
  "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "ol", "p", "pre", "q", "s", "samp", "section",
  "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "wbr",
]

/** Pictures that may stand in a mail by value. */
const dataPicture = /^data:image\/(?:png|gif|jpe?g|webp);base64,[a-z0-9+/=\s]*$/i

/**
 * HTML as it may go out: the user's own, which may have been pasted from anywhere, or an original that is quoted. Tables,
 * lists, colours and sizes stay; whatever runs, loads by style, or reaches into the reader's page goes. `picture` gives
 * the address that a picture gets (`cid:…`) by what its `src` says; undefined keeps the address where it is a web address
 * or lies in the mail, null takes the picture out.
 */
export function outgoingHtml(source: string, picture: (src: string) => string | null | undefined = () => undefined): string {
  return sanitizeHtml(source.slice(0, maxHtml), {
    allowedTags: tags,
    allowedAttributes: { "*": presentation, a: ["href", "name"], img: ["src", "alt"], blockquote: ["type", "cite"] },
    // Known by it when the draft is written on, so that another signature takes its place.
    allowedClasses: { div: ["lifeboat-signature"] },
    allowedSchemes: ["http", "https", "mailto", "tel"],
    allowedSchemesByTag: { img: ["data", "cid", "http", "https"] },
    allowedSchemesAppliedToAttributes: ["href", "src", "cite"],
    allowProtocolRelative: false,
    nonTextTags: ["script", "style", "textarea", "option", "title", "noscript", "iframe", "object", "svg", "math", "template", "xmp", "noembed", "noframes"],
    nestingLimit: 250,
    parseStyleAttributes: false,
    transformTags: {
      "*": (tagName, attributes) => {
        const kept = { ...attributes }
        if (kept["style"] !== undefined) {
          const style = safeStyle(kept["style"])
          if (style === "") delete kept["style"]
          else kept["style"] = style
        }
        if (tagName === "img") {
          const src = pictureSource((kept["src"] ?? "").trim(), picture)
          if (src === undefined) delete kept["src"]
          else kept["src"] = src
        }
        return { tagName, attribs: kept }
      },
    },
    exclusiveFilter: (frame) => frame.tag === "img" && frame.attribs["src"] === undefined,
  })
}

function pictureSource(src: string, picture: (src: string) => string | null | undefined): string | undefined {
  const given = picture(src)
  if (given !== undefined) return given ?? undefined
  return dataPicture.test(src) || /^(?:https?:\/\/|cid:)/i.test(src) ? src : undefined
}

/** Declarations that load nothing and stay in their place. Escapes and comments are never needed for that, so whatever has them goes. */
function safeStyle(style: string): string {
  const kept = style.split(";").filter((declaration) => {
    const colon = declaration.indexOf(":")
    if (colon < 1 || /[\\<>@{}]|\/\*|expression|javascript:|(?:url|image|image-set|src|attr|element|paint|env)\s*\(/i.test(declaration)) return false
    return !/^\s*(?:position|behavior|-moz-binding|z-index|animation[\w-]*|transition[\w-]*|pointer-events|cursor|--[\w-]*)\s*$/i.test(declaration.slice(0, colon))
  })
  return kept.map((declaration) => declaration.trim()).join("; ")
}
