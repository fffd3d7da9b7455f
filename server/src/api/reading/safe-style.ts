import { generate, parse, walk, type CssNode, type Declaration, type List, type ListItem } from "css-tree"
import { darkBackground, darkText } from "./mail-colour.ts"

/** What the styles of one mail may do, and what was found in them. One for each mail that is cleaned. */
export interface StyleWork {
  /** On dark ground: colours made for paper go. */
  readonly dark: boolean
  /** The address to load a picture by, for what `url()` says; undefined leaves it out. */
  picture(url: string): string | undefined
  /** Called for everything left out that would have been loaded from elsewhere. */
  leftOut(): void
  /** Called where the mail would not be readable on dark ground. */
  unreadableDark(): void
}

/** Properties that lay out and colour a letter. None takes an element out of its place, moves, or reacts. */
const allowedProperty = new RegExp(
  `^(?:${[
    "background", "background-(?:color|image|position|position-x|position-y|repeat|size|clip|origin)", "border", "border-(?:top|right|bottom|left)", "border-(?:(?:top|right|bottom|left)-)?(?:color|style|width)",
    "border-(?:collapse|spacing|radius)", "border-(?:top|bottom)-(?:left|right)-radius", "box-(?:shadow|sizing)", "caption-side", "clear", "color", "column-(?:count|gap|width)", "columns", "direction", "display", "empty-cells",
    "flex(?:-(?:basis|direction|flow|grow|shrink|wrap))?", "float", "font(?:-(?:family|size|stretch|style|variant|weight))?", "gap", "(?:align|justify)-(?:content|items|self)", "(?:min-|max-)?(?:width|height)", "hyphens", "letter-spacing",
    "line-height", "list-style(?:-(?:image|position|type))?", "margin(?:-(?:top|right|bottom|left))?", "object-(?:fit|position)", "opacity", "order", "outline(?:-(?:color|style|width))?", "overflow(?:-(?:wrap|x|y))?",
    "padding(?:-(?:top|right|bottom|left))?", "row-gap", "table-layout", "text-(?:align|align-last|decoration|decoration-(?:color|line|style|thickness)|indent|overflow|shadow|transform|underline-offset)", "vertical-align",
    "visibility", "white-space", "word-(?:break|spacing|wrap)", "orphans", "widows", "(?:page-)?break-(?:after|before|inside)",
  ].join("|")})$`,
)
/** Of these, the ones in which a picture may stand. */
const pictured = /^(?:background|background-image|list-style|list-style-image)$/
const allowedFunction = /^(?:rgba?|hsla?|calc|min|max|clamp|(?:repeating-)?(?:linear|radial|conic)-gradient)$/i
/** Names of functions that load something in whatever form. */
const loading = /^(?:url|src|image|(?:-webkit-)?image-set|(?:-webkit-)?cross-fade|element|paint|attr|var|env)$/i
/** Sizes by the window: the frame is as high as its content, so they would grow with it. */
const windowUnit = /^[sld]?v(?:h|w|min|max|b|i)$/i
const plainName = /^-{0,2}[\w-]+$/
const plainSelector = /^[\w\s.#*>+~:()[\]="',|^$-]+$/
const plainQuery = /^[\w\s():,./<>=-]+$/

const maxDeclarations = 20_000
const maxSheet = 500_000
/** Rules of one sheet; more make a page slow. */
const maxRules = 20_000

/** A `style` attribute with what is harmless of it, written anew; empty where nothing is. */
export function cleanDeclarations(text: string, work: StyleWork): string {
  if (text.length > maxDeclarations) return ""
  const list = parsed(text, "declarationList")
  if (list?.type !== "DeclarationList") return ""
  return kept(list.children, work).join("; ")
}

/** A style sheet with what is harmless of it, written anew: plain rules, also within `@media`. It holds no `<`, so that it cannot end its element. */
export function cleanSheet(text: string, work: StyleWork): string {
  const sheet = parsed(text.slice(0, maxSheet), "stylesheet")
  if (sheet?.type !== "StyleSheet") return ""
  const budget = { rules: maxRules }
  return rules(sheet.children, work, budget, true).join("\n").replaceAll("<", "\\3c ")
}

function rules(nodes: List<CssNode>, work: StyleWork, budget: { rules: number }, media: boolean): string[] {
  const result: string[] = []
  nodes.forEach((node) => {
    if (budget.rules <= 0) return
    if (node.type === "Rule") {
      budget.rules--
      const selector = generate(node.prelude)
      const declarations = kept(node.block.children, work)
      if (declarations.length > 0 && plainSelector.test(selector) && !/url\s*\(|:(?:visited|target|has|host|host-context|slotted|part)\b/i.test(selector)) result.push(`${selector}{${declarations.join(";")}}`)
    } else if (node.type === "Atrule") {
      const query = node.prelude ? generate(node.prelude) : ""
      if (node.name.toLowerCase() === "import" || node.name.toLowerCase() === "font-face") work.leftOut()
      // Whether a mail stands on dark ground is decided here, not by the mail.
      else if (media && node.name.toLowerCase() === "media" && node.block && plainQuery.test(query) && !/prefers-color-scheme/i.test(query)) {
        const inner = rules(node.block.children, work, budget, false)
        if (inner.length > 0) result.push(`@media ${query}{${inner.join("\n")}}`)
      }
    }
  })
  return result
}

function kept(nodes: List<CssNode>, work: StyleWork): string[] {
  const result: string[] = []
  nodes.forEach((node) => {
    if (node.type !== "Declaration") return
    const value = cleanValue(node, work)
    if (value !== undefined) result.push(`${node.property.toLowerCase()}:${value}${node.important === false ? "" : "!important"}`)
  })
  return result
}

/** The value of a declaration written anew; undefined: the declaration goes. */
function cleanValue(declaration: Declaration, work: StyleWork): string | undefined {
  const property = declaration.property.toLowerCase()
  const { value } = declaration
  if (value.type !== "Value") {
    if (/url|src|image|\/\//i.test(value.value)) work.leftOut()
    return undefined
  }
  let harmless = allowedProperty.test(property)
  let pictures = false
  let colours: string[] = []
  const elsewhere: unknown[] = []
  walk(value, {
    enter(node: CssNode, item: ListItem<CssNode> | null, list: List<CssNode> | null) {
      if (node.type === "Function") {
        if (loading.test(node.name)) elsewhere.push(node)
        if (!allowedFunction.test(node.name)) harmless = false
        if (/gradient$/i.test(node.name)) pictures = true
        if (/^rgba?$/i.test(node.name)) colours.push(generate(node))
        else if (/^hsla?$/i.test(node.name)) colours.push("unknown")
      } else if (node.type === "Url") {
        pictures = true
        const address = pictured.test(property) ? work.picture(node.value) : undefined
        if (address !== undefined) node.value = address
        else {
          elsewhere.push(node)
          if (item && list) list.remove(item)
          else harmless = false
        }
      } else if (node.type === "Identifier") {
        if (!plainName.test(node.name)) harmless = false
        colours.push(node.name)
      } else if (node.type === "Hash") colours.push(`#${node.value}`)
      else if (node.type === "String") {
        if (!/^font(?:-family)?$/.test(property)) harmless = false
      } else if (node.type === "Dimension") {
        if (!/^[a-z]{1,5}$/i.test(node.unit) || windowUnit.test(node.unit)) harmless = false
      } else if (!["Value", "Number", "Percentage", "Operator", "Parentheses"].includes(node.type)) harmless = false
    },
  })
  for (const _ of elsewhere) work.leftOut()
  if (!harmless) return undefined
  if (property === "color" && work.dark && darkText(colours.join(" ")) === "drop") return undefined
  if (property === "background" || property === "background-color" || property === "background-image") {
    if (property === "background") colours = colours.filter((name) => !/^(?:(?:no-)?repeat(?:-[xy])?|left|right|top|bottom|center|cover|contain|auto|scroll|fixed|local|space|round|(?:border|padding|content)-box)$/i.test(name))
    const fate = pictures && elsewhere.length === 0 ? "unreadable" : property === "background-image" ? "drop" : darkBackground(colours.join(" "))
    if (fate === "unreadable") work.unreadableDark()
    else if (fate === "drop" && work.dark) return undefined
  }
  const text = generate(value)
  return text === "" ? undefined : text
}

/** Taken apart, or nothing where it is too deep or too strange for the parser. */
function parsed(text: string, context: "declarationList" | "stylesheet"): CssNode | undefined {
  try {
    return parse(text, { context, parseCustomProperty: false, onParseError: () => undefined })
  } catch {
    return undefined
  }
}
