/** Where a link leads, for people: the host that answers, in its readable form, and the rest. */
export interface LinkTarget {
  readonly host: string
  readonly rest: string
  /** The link's text names another web address than the one it leads to. */
  readonly deceives: boolean
}

const named = /^(?:https?:\/\/)?((?:[\p{L}\p{N}-]+\.)+\p{L}{2,})(?:[/:?#]\S*)?$/iu

/** What a link in a mail leads to; undefined for what is no link. `text`: what is written on it. */
export function linkTarget(href: string, text: string): LinkTarget | undefined {
  if (!URL.canParse(href)) return undefined
  const url = new URL(href)
  if (url.protocol === "mailto:" || url.protocol === "tel:") return { host: decoded(url.pathname), rest: "", deceives: false }
  if (!/^https?:$/.test(url.protocol)) return undefined
  const shown = named.exec(text.trim().slice(0, 2_000))?.[1]?.toLowerCase()
  const claimed = shown !== undefined && URL.canParse(`https://${shown}`) ? new URL(`https://${shown}`).host : undefined
  const bare = (host: string) => host.replace(/^www\./, "")
  const rest = `${url.pathname}${url.search}${url.hash}`
  return { host: url.host, rest: rest === "/" ? "" : rest, deceives: claimed !== undefined && !related(bare(claimed), bare(url.hostname)) }
}

/** One is the other, or lies below it. */
function related(one: string, other: string): boolean {
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
