import libmime from "libmime"

/** What a row's second line is made of, as it lies in WildDuck's document. */
export interface IntroSource {
  /** WildDuck's own beginning of the text; that of an attached mail, where the mail itself says nothing. */
  readonly intro: string
  /** Types of the mail, or of the parts it consists of. */
  readonly types: readonly string[]
  /** Names of its files, as far as they are looked at. */
  readonly files: readonly string[]
  /** Subjects of attached mails, as they came. */
  readonly subjects: readonly string[]
}

/** Fields of a document that `introSource` reads. */
export const introFields = {
  "intro": 1, "attachments.filename": 1, "mimeTree.parsedHeader.content-type.value": 1, "mimeTree.childNodes.parsedHeader.content-type.value": 1, "mimeTree.message.parsedHeader.subject": 1, "mimeTree.childNodes.message.parsedHeader.subject": 1,
} as const

/** Names that WildDuck gave by chance, and those that say nothing. */
const saysNothing = /^(?:(?=\d*[a-f])[0-9a-f]{8}\.\w+|smime\.p7[msc]|win(?:mail)?\.dat|image\d{3}\.\w+|)$/i
const maxNames = 3

/**
 * The second line of a mail's row: how its text begins, without the addresses of its links where there is little else;
 * for a mail that says nothing itself, what lies in it.
 */
export function rowIntro({ intro, types, files, subjects }: IntroSource): string {
  const own = types.length === 0 || types.some((type) => /^(?:text|multipart)\//.test(type)) ? intro : ""
  const words = own.replaceAll(/https?:\/\/\S+/g, " ").replaceAll(/\s+/g, " ").trim()
  if (words !== "" && words.length * 2 >= own.length) return own
  const names = files.filter((name) => !saysNothing.test(name))
  const held = [...subjects.map(decoded), ...names].filter((name) => name !== "").slice(0, maxNames).join(", ")
  return words || held || own
}

/** Reads what a second line is made of from a document that has `introFields`. */
export function introSource(document: Readonly<Record<string, unknown>>): IntroSource {
  const tree = objectOf(document["mimeTree"])
  const children = listOf(tree["childNodes"])
  const nodes = children.length === 0 ? [tree] : children
  return {
    intro: textOf(document["intro"]),
    types: nodes.map((node) => textOf(objectOf(objectOf(node["parsedHeader"])["content-type"])["value"]).toLowerCase()).filter((type) => type !== ""),
    files: listOf(document["attachments"]).map(({ filename }) => textOf(filename)),
    subjects: nodes.slice(0, maxNames).map(({ message }) => textOf(objectOf(objectOf(message)["parsedHeader"])["subject"])),
  }
}

function decoded(subject: string): string {
  try {
    return libmime.decodeWords(subject).trim()
  } catch {
    return subject
  }
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(objectOf) : []
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : ""
}
