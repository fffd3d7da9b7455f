import { withoutUnseen } from "@lifeboat/shared/hidden-characters"

/** Where a link leads, for people: the host that answers, in its readable form, and the rest. */
export interface LinkTarget {
  readonly host: string
  readonly rest: string
  /** The link's text names another web address than the one it leads to. */
  readonly deceives: boolean
}

const hostName = "((?:[\\p{L}\\p{N}-]+\\.)+\\p{L}[\\p{L}\\p{N}-]+)"
/** A text that is nothing but an address, or has one in it that begins like one. */
const named = new RegExp(`^${hostName}(?:[/:?#]\\S*)?$|(?:https?:\\/\\/|(?<![\\p{L}\\p{N}@.-])(?=www\\.))(?:[^\\s/@]{1,100}@)?${hostName}`, "iu")
const mailbox = /[^\s<>"'(),;:@]{1,64}@[\p{L}\p{N}.-]{1,253}\.[\p{L}\p{N}-]{2,63}/u

/** What a link in a mail leads to; undefined for what is no link. `text`: what is written on it. */
export function linkTarget(href: string, text: string): LinkTarget | undefined {
  if (!URL.canParse(href)) return undefined
  const url = new URL(href)
  const written = withoutUnseen(text.slice(0, 2_000).normalize("NFKC")).replaceAll("。", ".").replace(/^[\s\p{P}\p{S}]+|[\s\p{P}\p{S}]+$/gu, "").toLowerCase()
  if (url.protocol === "mailto:" || url.protocol === "tel:") {
    const to = decoded(url.pathname)
    const shown = url.protocol === "mailto:" ? mailbox.exec(written)?.[0] : undefined
    return { host: to, rest: "", deceives: shown !== undefined && !to.toLowerCase().includes(shown) }
  }
  if (!/^https?:$/.test(url.protocol)) return undefined
  const found = named.exec(written)
  const shown = found?.[1] ?? found?.[2]
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
