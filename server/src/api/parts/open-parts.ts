import { ApiError } from "@lifeboat/shared/api-errors"
import { maxDepth as maxLevels, measureShape } from "../../mailbox/mail-shape.ts"
import { partInMemory, type MailPart } from "./mail-part.ts"
import { takeApart, type TakenApart } from "./parse-mail.ts"
import { isSealed, isTnef } from "./part-kind.ts"
import { signedContent } from "./signed-content.ts"
import { readTnef, type Tnef } from "./tnef.ts"

/** Larger files are not taken apart, bytes. */
export const maxOpened = 60_000_000
/** Files within files within files. */
const maxDepth = 5
const maxTnef = 3
/** Signed parts, or winmail.dat, within one another. */
const maxWrapped = 3

/** The files of a mail as a person sees them. */
export interface UnwrappedParts {
  readonly parts: readonly MailPart[]
  /** What a winmail.dat or a signed part says, for a mail that says nothing itself. */
  readonly text: string
  readonly html: string
  /** It lay in a signed part (S/MIME) whose signature is not checked. */
  readonly signed: boolean
}

/** The parts of a mail with the files of a winmail.dat in its place, and those of a signed mail in the place of the whole. One that cannot be read stays what it is: a file. */
export async function unwrapParts(parts: readonly MailPart[], depth = 0): Promise<UnwrappedParts> {
  const [only, ...others] = parts
  const inner = only && others.length === 0 && depth < maxWrapped ? await signedMail(only) : undefined
  if (inner) {
    const { parts: shown, text, html } = await unwrapParts(inner.parts, depth + 1)
    return { parts: shown, text: inner.text || text, html: inner.html ?? html, signed: true }
  }
  const shown: MailPart[] = []
  let text = ""
  let html = ""
  let opened = 0
  for (const part of parts) {
    const tnef = isTnef(part.contentType, part.name) && opened++ < maxTnef ? await readPart(part) : undefined
    if (!tnef || (tnef.files.length === 0 && tnef.text === "" && tnef.html === "")) {
      shown.push(part)
      continue
    }
    const inner = tnefParts(part, tnef)
    shown.push(...(depth < maxWrapped ? (await unwrapParts(inner, depth + 1)).parts : inner))
    text ||= tnef.text
    html ||= tnef.html
  }
  return { parts: shown, text, html, signed: false }
}

/** The part of this id, also one within a winmail.dat or an attached mail; throws `not-found`. */
export async function findPart(parts: readonly MailPart[], id: string): Promise<MailPart> {
  let within = parts
  for (let depth = 1, end = id.indexOf("~"); ; depth++, end = id.indexOf("~", end + 1)) {
    const found = within.find((part) => part.id === (end < 0 ? id : id.slice(0, end)))
    if (!found || depth > maxDepth) throw new ApiError("not-found")
    if (end < 0) return found
    within = await partsWithin(found)
  }
}

/** The files in a part, with ids that lead to them from the mail; none where it holds none. */
export async function partsWithin(part: MailPart): Promise<readonly MailPart[]> {
  if (isTnef(part.contentType, part.name)) {
    const tnef = await readPart(part)
    return tnef ? tnefParts(part, tnef) : []
  }
  const signed = await signedMail(part)
  if (signed) return signed.parts
  return part.contentType === "message/rfc822" || part.contentType === "message/global" ? (await attachedMail(part)).parts : []
}

/** An attached mail taken apart, its parts with ids that lead to them from the mail that holds it; throws `not-found`, `too-large`. */
export async function attachedMail(part: MailPart): Promise<TakenApart> {
  if (part.contentType !== "message/rfc822" && part.contentType !== "message/global") throw new ApiError("not-found")
  const bytes = await part.read(maxOpened)
  if (!bytes || measureShape(bytes).depth > maxLevels) throw new ApiError("too-large")
  return takenWithin(part, bytes)
}

/** The mail in a signed part, its parts with ids that lead to them; undefined where there is none that can be read. */
async function signedMail(part: MailPart): Promise<TakenApart | undefined> {
  if (!isSealed(part.contentType, part.name)) return undefined
  const bytes = await part.read(maxOpened)
  const content = bytes && signedContent(bytes)
  return content && measureShape(content).depth <= maxLevels ? takenWithin(part, content) : undefined
}

async function takenWithin(part: MailPart, bytes: Buffer): Promise<TakenApart> {
  const mail = await takeApart(bytes)
  return { ...mail, parts: mail.parts.map((inner) => ({ ...inner, id: `${part.id}~${inner.id}` })) }
}

async function readPart(part: MailPart): Promise<Tnef | undefined> {
  const bytes = await part.read(maxOpened)
  return bytes && readTnef(bytes)
}

function tnefParts(part: MailPart, { files }: Tnef): MailPart[] {
  return files.map(({ name, contentType, cid, content }, index) => partInMemory({ id: `${part.id}~${index}`, name, contentType, cid, related: cid !== undefined }, content))
}
