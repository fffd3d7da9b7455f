import { ApiError } from "@lifeboat/shared/api-errors"
import { Outgoing } from "@lifeboat/shared/schemas/outgoing"
import { Value } from "typebox/value"
import { headerBlock } from "../../archive/bodies.ts"
import { writeDraftMark } from "../../outgoing/draft-note.ts"
import { OutboxWorker } from "../../outgoing/outbox-worker.ts"
import { Outbox } from "../../outgoing/outbox.ts"
import { Uploads } from "../../outgoing/uploads.ts"
import type { MailPlace, OutboxDocument, UserDocument } from "../../store/documents.ts"
import { MailReader } from "../archive/parsed-mail.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { toApiError } from "../errors.ts"
import { Drafts } from "./drafts.ts"
import { Mailboxes } from "./mailboxes.ts"
import { OriginalMails } from "./original-mail.ts"
import { Writing } from "./writing.ts"

/** What outgoing mail needs of a node. */
export type OutgoingDependencies = Pick<ApiDependencies, "config" | "database" | "domains" | "bodies" | "log" | "mail" | "mailbox">

/** The parts of outgoing mail, put together. */
export interface OutgoingMails {
  readonly uploads: Uploads
  readonly writing: Writing
  readonly drafts: Drafts
  readonly outbox: Outbox
  /** Not started. */
  readonly worker: OutboxWorker
}

export function outgoingMails(deps: OutgoingDependencies, mailboxes = new Mailboxes(deps)): OutgoingMails {
  const { config, database, domains, bodies, log, mail } = deps
  const uploads = new Uploads(database)
  const writing = new Writing(deps, new OriginalMails(mailboxes, database, new MailReader(bodies)), uploads)
  const drafts = new Drafts(database, mailboxes, writing)
  const outbox = new Outbox(database, bodies)

  const userOf = (item: OutboxDocument): Promise<UserDocument | null> => database.users.findOne({ _id: item.user })

  const tidyUp = async (item: OutboxDocument): Promise<void> => {
    if (item.answered !== null) await database.messages.updateOne({ _id: item.answered, owners: item.user }, { $addToSet: { answeredBy: item.user } })
    await uploads.remove(item.user, uploadsOf(readOutgoing(item)))
    const user = item.draft === null && item.letter === null ? null : await userOf(item)
    if (!user) return
    if (item.draft) await drafts.discard(user, item.draft).catch(unlessNoMailbox)
    if (item.letter !== null) await drafts.discardLetter(user, item.letter).catch(unlessNoMailbox)
  }

  const toDraft = async (item: OutboxDocument): Promise<MailPlace | null> => {
    const user = await userOf(item)
    if (!user) return null
    try {
      const outgoing = readOutgoing(item)
      if (outgoing) return await drafts.save(user, outgoing)
    } catch (error) {
      // A file of it is gone, or its sender's address: the finished mail has all of it.
      if (toApiError(error).status >= 500) throw error
    }
    return asItIs(user, item).catch(unlessNoMailbox)
  }

  /** The finished mail as a draft, blind copies written into it. */
  const asItIs = async (user: UserDocument, item: OutboxDocument): Promise<MailPlace> => {
    const raw = await outbox.readBody(item._id)
    if (!raw) throw new ApiError("body-gone")
    const mailbox = await mailboxes.open(user)
    const folder = (await mailboxes.special(mailbox, "drafts")).id
    const mark = writeDraftMark({ to: [], letter: `outbox-${item._id}` }, { writeAs: /^content-type: text\/html/im.test(raw.toString("latin1")) ? "rich" : "plain", quote: false, sum: item._id, replaces: null })
    const head = headerBlock(raw, config.limits.headerBytes).toString().toLowerCase()
    const hidden = item.recipients.filter((address) => !head.includes(address.toLowerCase()))
    const bcc = Buffer.from(hidden.length === 0 ? "" : `Bcc: ${hidden.join(",\r\n ")}\r\n`)
    const place = { folder, id: await drafts.store(mailbox, folder, Buffer.concat([bcc, raw]), mark, mark) }
    if (item.draft) await drafts.discard(user, item.draft)
    return place
  }

  const worker = new OutboxWorker({
    database, bodies, outbox, log, tidyUp, toDraft,
    headerLimit: config.limits.headerBytes,
    hosted: (domain) => domains.get(domain) !== undefined,
    checkRecipient: (address) => mail.checkRecipient(address),
    accept: (incoming) => mail.accept(incoming),
  })
  return { uploads, writing, drafts, outbox, worker }
}

function readOutgoing(item: OutboxDocument): Outgoing | undefined {
  const outgoing: unknown = item.outgoing === null ? undefined : JSON.parse(item.outgoing)
  return Value.Check(Outgoing, outgoing) ? outgoing : undefined
}

function uploadsOf(outgoing: Outgoing | undefined): string[] {
  return (outgoing?.attachments ?? []).flatMap((attachment) => ("upload" in attachment ? [attachment.upload] : []))
}

function unlessNoMailbox(error: unknown): null {
  const { code } = toApiError(error)
  if (code !== "no-mailbox" && code !== "not-found") throw error
  return null
}
