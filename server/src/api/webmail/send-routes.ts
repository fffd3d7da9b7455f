import type { FastifyRequest } from "fastify"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import { DraftSaved, Outgoing, Sent } from "@lifeboat/shared/schemas/outgoing"
import { replyText } from "@lifeboat/shared/smtp-replies"
import { createMessageId } from "../../archive/message-id.ts"
import type { StoredMail } from "../../mailbox/wildduck-schemas.ts"
import type { Recipient } from "../../routing/recipient.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { toApiError } from "../errors.ts"
import { composeMail, readEnclosures, readRecipients, readWritten, senderOf, type Enclosure, type Original, type Written } from "./compose.ts"
import { readBounded } from "./inline-pictures.ts"
import { attachmentView, writeDraftReference } from "./mail-views.ts"
import type { Mailboxes } from "./mailboxes.ts"
import { mailNumber } from "./message-routes.ts"

/** A mail of the largest size, its attachments in base64 in JSON. */
const bodyLimit = 52_428_800

/** Sending and keeping drafts. What is sent takes the same way as mail by submission. */
export function sendRoutes(app: App, deps: ApiDependencies, mailboxes: Mailboxes): void {
  const { config, database, domains, bodies, mail: intake, log } = deps

  /**
   * What the mail that is answered or forwarded gives to the new one. An answer is possible when the original has left
   * the mailbox meanwhile (after a recovery): the archive knows it, or the draft that the answer becomes of.
   */
  const readReference = async (user: UserDocument, { reference, draft }: Outgoing): Promise<{ original: Original | undefined; enclosures: Enclosure[]; answered: string | undefined }> => {
    const mail = reference && (await openedMail(user, reference).catch(unlessGone))
    const enclosures: Enclosure[] = []
    if (reference?.action === "forward" && reference.attach === true) {
      if (!mail) throw new ApiError("not-found")
      let room = config.limits.messageBytes
      for (const attachment of mail.attachments ?? []) {
        const { name, contentType } = attachmentView(attachment)
        const { api, account, folder } = await mailboxes.openFolder(user, reference.folder)
        const content = await readBounded((await api.attachment(account, folder.id, mail.id, attachment.id)).body, room)
        if (!content) throw new ApiError("too-large")
        room -= content.length
        enclosures.push(...readEnclosures([{ name, contentType, content: "" }]).map((enclosure) => ({ ...enclosure, content })))
      }
    }
    if (reference?.action === "forward") return { original: undefined, enclosures, answered: undefined }
    const archived = mail?.metaData?.message ?? reference?.message
    if (mail?.messageId) return { original: { messageId: mail.messageId, references: mail.references ?? [] }, enclosures, answered: archived }
    const references = (draft && (await openedMail(user, draft).catch(unlessGone))?.references) ?? []
    const own = archived === undefined ? null : await database.messages.findOne({ _id: archived, owners: user._id }, { projection: { "summary.messageId": 1 } })
    const messageId = references.at(-1) ?? own?.summary.messageId ?? undefined
    return { original: messageId === undefined ? undefined : { messageId, references: references.slice(0, -1) }, enclosures, answered: archived }
  }

  const openedMail = async (user: UserDocument, place: { readonly folder: string; readonly id: string }): Promise<StoredMail> => {
    const { api, account, folder } = await mailboxes.openFolder(user, place.folder)
    return api.mail(account, folder.id, mailNumber(place.id))
  }

  /** Checks each recipient once, as RCPT does; refusals are told by address. */
  const checkRecipients = async (written: readonly Written[]) => {
    const accepted: Recipient[] = []
    const refused: Sent["refused"] = []
    const seen = new Set<string>()
    for (const { address } of written) {
      const canonical = canonicalAddress(address) ?? address
      if (seen.has(canonical)) continue
      seen.add(canonical)
      const hosted = domains.get(domainOf(canonical)) !== undefined
      const answer = hosted ? await intake.checkRecipient(address) : { ok: { address, canonical, domain: null, user: null, covered: false } }
      if ("ok" in answer) accepted.push(answer.ok)
      else refused.push({ address, reply: `${answer.reply.code} ${replyText(answer.reply)}` })
    }
    return { accepted, refused }
  }

  app.post("/api/mail/send", { bodyLimit, config: { access: "user" }, schema: { tags: ["mail"], summary: "Send a mail", body: Outgoing, response: { 200: Sent } } }, async (request) => {
    const user = userOf(request)
    const outgoing = request.body
    const from = senderOf(user, outgoing.from)
    const [to, cc, bcc] = [readRecipients(outgoing.to), readRecipients(outgoing.cc), readRecipients(outgoing.bcc)]
    const written = [...to, ...cc, ...bcc]
    if (written.length === 0) throw new ApiError("no-recipients")
    if (written.length > config.limits.recipients) throw new ApiError("too-many-recipients")
    const reference = await readReference(user, outgoing)
    const enclosures = [...readEnclosures(outgoing.attachments), ...reference.enclosures]
    const now = database.now()
    const raw = await composeMail({
      from, to, cc, bcc: [], subject: outgoing.subject ?? "", text: outgoing.text, html: outgoing.html, enclosures, original: reference.original, date: now,
    })
    if (raw.length > config.limits.messageBytes) throw new ApiError("too-large")
    const { accepted, refused } = await checkRecipients(written)
    if (accepted.length === 0) throw new ApiError("recipients-refused", refused.map(({ address, reply }) => `${address}: ${reply}`).join("\n"))

    const messageId = createMessageId(now)
    const smtpUtf8 = [from, ...written].some(({ address }) => /[^\x20-\x7e]/.test(address))
    const acceptance = await intake.accept({
      receivedAt: now,
      client: { ...clientOf(request), user: user._id },
      envelope: { mailFrom: from.address, smtpUtf8, eightBit: false },
      recipients: accepted,
      body: await bodies.receive(messageId, one(raw), config.limits.headerBytes),
      transport: null,
      submitter: user._id,
    })
    if (!acceptance.accepted) {
      if (acceptance.reply.code < 500) throw new ApiError("unavailable")
      throw new ApiError("recipients-refused", `${acceptance.reply.code} ${replyText(acceptance.reply)}`)
    }
    await afterSending(user, outgoing, reference.answered)
    return { id: acceptance.messageId, refused, outbox: null, due: null }
  })

  /** The mail is sent: whatever fails now must not look as if it were not. */
  const afterSending = async (user: UserDocument, outgoing: Outgoing, answered: string | undefined): Promise<void> => {
    try {
      if (answered !== undefined) await database.messages.updateOne({ _id: answered, owners: user._id }, { $addToSet: { answeredBy: user._id } })
      if (outgoing.draft) {
        const { api, account, folder } = await mailboxes.openFolder(user, outgoing.draft.folder)
        await api.delete(account, folder.id, mailNumber(outgoing.draft.id))
      }
    } catch (error) {
      log.warn({ error: String(error), user: user._id }, "a sent mail's draft or original was not marked")
    }
  }

  app.post("/api/mail/drafts", { bodyLimit, config: { access: "user" }, schema: { tags: ["mail"], summary: "Keep a draft, in place of the one before", body: Outgoing, response: { 200: DraftSaved } } }, async (request) => {
    const user = userOf(request)
    const outgoing = request.body
    const mailbox = await mailboxes.open(user)
    const drafts = await mailboxes.special(mailbox, "drafts")
    const reference = await readReference(user, outgoing)
    const half = (texts: readonly string[] | undefined) => (texts ?? []).flatMap((text) => readWritten(text) ?? [])
    const raw = await composeMail({
      from: senderOf(user, outgoing.from),
      to: half(outgoing.to), cc: half(outgoing.cc), bcc: half(outgoing.bcc),
      subject: outgoing.subject ?? "", text: outgoing.text, html: outgoing.html,
      enclosures: [...readEnclosures(outgoing.attachments), ...reference.enclosures], original: reference.original, date: database.now(),
    })
    if (raw.length > config.limits.messageBytes) throw new ApiError("too-large")
    const id = await mailbox.api.upload(mailbox.account, drafts.id, Uint8Array.from(raw), { draft: true, unseen: false, ...(outgoing.reference ? { metaData: writeDraftReference(outgoing.reference) } : {}) })
    if (outgoing.draft && outgoing.draft.folder === drafts.id) await mailbox.api.delete(mailbox.account, drafts.id, mailNumber(outgoing.draft.id))
    return { folder: drafts.id, id: String(id) }
  })
}

/** Undefined where the mail is not there any more. */
function unlessGone(error: unknown): undefined {
  if (toApiError(error).code !== "not-found") throw error
}

function clientOf(request: FastifyRequest): { address: string; name: string; helo: string; tls: boolean } {
  return { address: request.ip, name: "", helo: "webmail", tls: request.protocol === "https" }
}

async function* one(raw: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(raw)
}
