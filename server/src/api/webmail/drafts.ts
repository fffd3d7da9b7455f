import { createHash } from "node:crypto"
import { ObjectId } from "mongodb"
import type { Outgoing } from "@lifeboat/shared/schemas/outgoing"
import { WildDuckStore } from "../../mailbox/wildduck-store.ts"
import { halfWritten, letterMark, writeDraftMark, type DraftNote } from "../../outgoing/draft-note.ts"
import type { Database } from "../../store/database.ts"
import type { MailPlace, UserDocument } from "../../store/documents.ts"
import { specialUseOf, type Mailboxes, type OpenMailbox } from "./mailboxes.ts"
import { mailNumber } from "./message-routes.ts"
import type { Writing } from "./writing.ts"

/** A mark of this length still fits into the address of a request; longer ones follow in a second one. */
const shortMark = 4_000

/**
 * Drafts of the webmail. A new version is stored before the one it replaces goes, so that a crash leaves two and never
 * none. Saving the same again answers what is there; a version that somebody else has replaced meanwhile stays beside.
 */
export class Drafts {
  readonly #mailboxes: Mailboxes
  readonly #stored: WildDuckStore
  readonly #writing: Writing

  constructor(database: Database, mailboxes: Mailboxes, writing: Writing) {
    this.#mailboxes = mailboxes
    this.#stored = new WildDuckStore(database)
    this.#writing = writing
  }

  async save(user: UserDocument, outgoing: Outgoing): Promise<MailPlace> {
    const mailbox = await this.#mailboxes.open(user)
    const drafts = (await this.#mailboxes.special(mailbox, "drafts")).id
    const replaced = outgoing.draft && (await this.#isDraft(mailbox, outgoing.draft)) ? outgoing.draft : undefined
    const sum = checksum(outgoing)
    const earlier = replaced ? undefined : await this.#earlier(drafts, outgoing, sum)
    if (earlier?.same) return { folder: drafts, id: earlier.id }
    const { raw } = await this.#writing.draft(user, outgoing)
    const typed = halfWritten(outgoing)
    const note: DraftNote = {
      writeAs: outgoing.writeAs ?? (outgoing.html === undefined ? "plain" : "rich"),
      quote: outgoing.quote === true,
      ...(outgoing.zone === undefined ? {} : { zone: outgoing.zone }),
      ...(typed ? { typed } : {}),
      sum,
      replaces: outgoing.draft ? placeText(outgoing.draft) : null,
    }
    const now = { folder: drafts, id: await this.store(mailbox, drafts, raw, writeDraftMark(outgoing, note), writeDraftMark(outgoing, withoutTyped(note))) }
    const before = replaced ?? (earlier ? { folder: drafts, id: earlier.id } : undefined)
    if (before) await this.#remove(mailbox, before)
    return now
  }

  /** Stores a mail among the drafts; a long `mark` is put on it in a second step, `short` stands there until then. */
  async store(mailbox: OpenMailbox, drafts: string, raw: Buffer, mark: string, short: string): Promise<string> {
    const { api, account } = mailbox
    const first = mark.length <= shortMark ? mark : short
    const id = await api.upload(account, drafts, Uint8Array.from(raw), { draft: true, unseen: false, metaData: first })
    if (first !== mark) await api.change(account, drafts, [id], { metaData: mark })
    return String(id)
  }

  /** Takes away the draft that a mail was written as, if it is one and is there. */
  async discard(user: UserDocument, place: MailPlace): Promise<void> {
    const mailbox = await this.#mailboxes.open(user)
    if (await this.#isDraft(mailbox, place)) await this.#remove(mailbox, place)
  }

  /** All versions of a letter: those that were saved just before it was sent, under another id than the page knew. */
  async discardLetter(user: UserDocument, letter: string): Promise<void> {
    const mailbox = await this.#mailboxes.open(user)
    const drafts = (await this.#mailboxes.special(mailbox, "drafts")).id
    for (const { uid } of await this.#ofLetter(drafts, letter)) await mailbox.api.delete(mailbox.account, drafts, uid)
  }

  async #remove(mailbox: OpenMailbox, { folder, id }: MailPlace): Promise<void> {
    const { id: own } = await this.#mailboxes.folder(mailbox, (each) => each.id === folder || specialUseOf(each) === folder)
    await mailbox.api.delete(mailbox.account, own, mailNumber(id))
  }

  async #isDraft(mailbox: OpenMailbox, { folder, id }: MailPlace): Promise<boolean> {
    const own = (await this.#mailboxes.known(mailbox)).find((each) => each.id === folder || specialUseOf(each) === folder)
    if (!own || specialUseOf(own) !== "drafts" || !/^[1-9]\d{0,9}$/.test(id)) return false
    return (await this.#stored.messages.findOne({ mailbox: ObjectId.createFromHexString(own.id), uid: Number(id) }, { projection: { _id: 1 }, maxTimeMS: 10_000 })) !== null
  }

  /** What an earlier try of the same request left, or the version of the same letter that the page never heard of. */
  async #earlier(drafts: string, outgoing: Outgoing, sum: string): Promise<{ readonly id: string; readonly same: boolean } | undefined> {
    const found = outgoing.letter === undefined ? [] : await this.#ofLetter(drafts, outgoing.letter)
    const own = found.toSorted((a, b) => b.uid - a.uid)[0]
    if (own) return { id: String(own.uid), same: String(own.meta?.custom ?? "").includes(sum) }
    if (!outgoing.draft) return undefined
    const mailbox = ObjectId.createFromHexString(drafts)
    const repeated = await this.#stored.messages.findOne({ mailbox, "meta.custom": { $regex: `"sum":"${sum}","replaces":"${placeText(outgoing.draft)}"` } }, { projection: { uid: 1 }, maxTimeMS: 10_000 })
    return repeated ? { id: String(repeated.uid), same: true } : undefined
  }

  async #ofLetter(drafts: string, letter: string) {
    const from = letterMark(letter)
    const mailbox = ObjectId.createFromHexString(drafts)
    return this.#stored.messages.find({ mailbox, "meta.custom": { $gte: from, $lt: `${from}\uffff` } }, { projection: { uid: 1, "meta.custom": 1 }, maxTimeMS: 10_000 }).toArray()
  }
}

function placeText({ folder, id }: MailPlace): string {
  return `${folder.replace(/[^\w]/g, "")}.${id.replace(/\D/g, "")}`
}

function withoutTyped(note: DraftNote): DraftNote {
  return { writeAs: note.writeAs, quote: note.quote, sum: note.sum, replaces: note.replaces }
}

/** What tells two versions of a draft apart; not which version it replaces. */
function checksum(outgoing: Outgoing): string {
  const { draft: _draft, letter: _letter, ...content } = outgoing
  return createHash("sha256").update(JSON.stringify(content)).digest("base64url")
}
