import sanitizeHtml, { type Attributes, type IOptions } from "sanitize-html"
import { darkBackground, darkText } from "./reading/mail-colour.ts"
import { cleanDeclarations, cleanSheet, type StyleWork } from "./reading/safe-style.ts"

/** Longer HTML is cut, characters. */
const maxHtml = 12_000_000
/** Elements inside each other; deeper ones are dropped, their text stays. */
const maxDepth = 250
/** Beyond any of these it is no letter: it is shown as bare text. Open elements, all elements, and milliseconds where nobody says more. */
const strange = { depth: 2_000, elements: 400_000, ms: 4_000 } as const
/** Characters of bare text. */
const maxBare = 200_000
/** Style sheets of one mail; all their characters together. */
const maxSheets = { count: 500, characters: 1_000_000 } as const

const presentation = ["align", "valign", "bgcolor", "color", "width", "height", "border", "cellpadding", "cellspacing", "colspan", "rowspan", "dir", "lang", "title", "style", "face", "size", "start", "type", "nowrap"]

const allowedTags = [
  "a", "abbr", "address", "article", "aside", "b", "bdi", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del", "details", "dfn", "div", "dl", "dt",
  "em", "figcaption", "figure", "font", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "img", "ins", "kbd", "li", "main", "mark", "nav", "ol", "p", "pre", "q", "s", "samp",
  "section", "small", "span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "tt", "u", "ul", "var", "wbr",
]

/** How a mail's HTML is made harmless. Left out: no pictures from outside, no style sheets, paper. */
export interface SanitizeOptions {
  /** Our own address for a picture from outside; undefined leaves it out. */
  readonly remotePicture?: (url: string) => string | undefined
  /** Keep `<style>` with the classes and ids it speaks of: only for a document of the mail's own, never for a piece of another page. */
  readonly sheets?: boolean
  /** For dark ground: colours made for paper are dropped. */
  readonly dark?: boolean
  /** Milliseconds, after which it is shown as bare text. */
  readonly patience?: number
}

export interface SafeHtml {
  readonly html: string
  /** The mail's style sheets made harmless, for a `<style>` element; empty without `sheets`. */
  readonly styles: string
  /** Pictures and styles left out because they would be loaded from elsewhere. */
  readonly remoteContent: number
  /** On dark ground it can be read, once colours made for paper are dropped. */
  readonly darkReadable: boolean
  /** It was too much to be looked at, and is here as bare text. */
  readonly reduced: boolean
}

/**
 * A mail's HTML made harmless: an allow-list of elements, attributes and styles; links open elsewhere without a
 * referrer; remote pictures are left out and counted. `picture` gives the address of a picture that lies in the mail
 * itself, by what its `src` says (`cid:…`); undefined leaves it out.
 */
export function sanitizeMailHtml(source: string, picture: (src: string) => string | undefined, { remotePicture, sheets = false, dark = false, patience = strange.ms }: SanitizeOptions = {}): SafeHtml {
  let remoteContent = 0
  let darkReadable = true
  const texts: string[] = []
  let sheetSize = 0
  const work: StyleWork = {
    dark,
    picture: (url) => pictureAddress(url, picture, remotePicture),
    leftOut: () => void remoteContent++,
    unreadableDark: () => void (darkReadable = false),
  }
  const styled = remembered((style) => cleanDeclarations(style, work))
  const bounded = bounds(patience)
  const options: IOptions = {
    onOpenTag: bounded.opened,
    onCloseTag: bounded.closed,
    allowedTags: sheets ? [...allowedTags, "style"] : allowedTags,
    allowVulnerableTags: true,
    allowedAttributes: { "*": sheets ? [...presentation, "class", "id"] : presentation, a: ["href", "target", "rel", "name"], img: ["src", "alt"], style: [] },
    allowedSchemes: ["http", "https", "mailto", "tel"],
    allowedSchemesByTag: { img: ["data"] },
    allowedSchemesAppliedToAttributes: ["href", "src"],
    allowProtocolRelative: false,
    nonTextTags: ["script", "style", "textarea", "option", "title", "noscript", "iframe", "object", "svg", "math", "template", "xmp", "noembed", "noframes", "plaintext"],
    nestingLimit: maxDepth,
    parseStyleAttributes: false,
    transformTags: {
      "*": (tagName, attributes) => {
        const kept: Attributes = { ...attributes }
        // The colours of the whole letter; there is only one body, ours.
        const tag = tagName === "body" ? "div" : tagName
        if (tagName === "body" && kept["text"] !== undefined) kept["style"] = `color:${kept["text"]};${kept["style"] ?? ""}`
        if (tagName === "body" && kept["bgcolor"] !== undefined) kept["style"] = `background-color:${kept["bgcolor"]};${kept["style"] ?? ""}`
        if (kept["background"] !== undefined) kept["style"] = `background-image:url("${kept["background"].trim().replace(/["\\\n\r\f]/g, encodeURIComponent)}");${kept["style"] ?? ""}`
        if (kept["style"] !== undefined) {
          const style = styled(kept["style"])
          if (style === "") delete kept["style"]
          else kept["style"] = style
        }
        colours(kept, work)
        if (tag === "img") {
          const asked = kept["src"] ?? firstOf(kept["srcset"])
          const src = asked === undefined ? undefined : pictureAddress(asked, picture, remotePicture)
          if (src !== undefined) kept["src"] = src
          else {
            delete kept["src"]
            if (isRemote(asked ?? "")) remoteContent++
          }
        }
        if (tag === "a") {
          if (!/^\s*(https?:|mailto:|tel:)/i.test(kept["href"] ?? "")) delete kept["href"]
          kept["target"] = "_blank"
          kept["rel"] = "noopener noreferrer nofollow"
        }
        return { tagName: tag, attribs: kept }
      },
    },
    exclusiveFilter: ({ tag, text }) => {
      if (tag !== "style") return false
      if (texts.length < maxSheets.count && sheetSize < maxSheets.characters) texts.push(text)
      sheetSize += text.length
      return true
    },
  }
  let html: string
  try {
    html = sanitizeHtml(source.slice(0, maxHtml), options)
  } catch (error) {
    if (!(error instanceof TooStrange) && !(error instanceof RangeError)) throw error
    return bareHtml(source)
  }
  const styles = texts.map((text) => cleanSheet(text, work)).filter((text) => text !== "").join("\n")
  // What is text is escaped, so that no element of this name can be left: were one, its styles would not have been looked at.
  // Text that is turned round shows another address than it has.
  return { html: html.replace(/<style/gi, "&lt;style").replace(/[\u202d\u202e]/g, ""), styles, remoteContent, darkReadable, reduced: false }
}

/** A mail's HTML as the bare text in it. */
export function bareHtml(source: string): SafeHtml {
  return { html: `<pre>${bareText(source).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)}</pre>`, styles: "", remoteContent: 0, darkReadable: true, reduced: true }
}

class TooStrange extends Error {}

/** Watches the parser, and stops it where a mail is made to keep it busy. */
function bounds(patience: number): { opened: () => void; closed: () => void } {
  const end = performance.now() + patience
  let [depth, elements] = [0, 0]
  return {
    opened: () => {
      depth++
      elements++
      if (depth > strange.depth || elements > strange.elements || (elements % 500 === 0 && performance.now() > end)) throw new TooStrange()
    },
    closed: () => void depth--,
  }
}

/** What of HTML is not within tags, as it stands there, cut where it is long; what is never shown is left out. */
export function bareText(source: string): string {
  let text = ""
  let hidden = ""
  for (const part of source.split("<")) {
    const [, closing, name = ""] = /^(\/?)(style|script|title)\b/i.exec(part.slice(0, 10)) ?? []
    if (closing === "" && hidden === "") hidden = name.toLowerCase()
    else if (closing === "/" && hidden === name.toLowerCase()) hidden = ""
    if (hidden === "") text += part.slice(part.indexOf(">") + 1)
    if (text.length > maxBare) break
  }
  return text.slice(0, maxBare)
}

/** Attributes that colour, of times before styles. */
function colours(kept: Attributes, work: StyleWork): void {
  if (kept["bgcolor"] !== undefined) {
    const fate = darkBackground(kept["bgcolor"])
    if (fate === "unreadable") work.unreadableDark()
    else if (fate === "drop" && work.dark) delete kept["bgcolor"]
  }
  if (work.dark && kept["color"] !== undefined && darkText(kept["color"]) === "drop") delete kept["color"]
}

function isRemote(src: string): boolean {
  return /^\s*(https?:)?[\\/]{2}/i.test(src)
}

function firstOf(srcset: string | undefined): string | undefined {
  return srcset?.trim().split(/[\s,]/, 1)[0]
}

function pictureAddress(src: string, picture: (src: string) => string | undefined, remotePicture: SanitizeOptions["remotePicture"]): string | undefined {
  const trimmed = src.trim()
  if (/^data:image\/(png|gif|jpe?g|webp);base64,[a-z0-9+/=\s]*$/i.test(trimmed)) return trimmed
  if (!isRemote(trimmed)) return picture(trimmed)
  return remotePicture?.(trimmed.startsWith("/") || trimmed.startsWith("\\") ? `https:${trimmed}` : trimmed)
}

/** The same styles stand in thousands of cells; each is worked out once, and counted once. */
function remembered(work: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>()
  return (text) => {
    let result = known.get(text)
    if (result === undefined) {
      result = work(text)
      if (known.size < 10_000) known.set(text, result)
    }
    return result
  }
}
