import { randomUUID } from "node:crypto"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import { Invitation, InvitationAnswer, MailParams } from "@lifeboat/shared/schemas/mail"
import { replyText } from "@lifeboat/shared/smtp-replies"
import type { FastifyRequest } from "fastify"
import { createMessageId } from "../../archive/message-id.ts"
import type { StoredMail } from "../../mailbox/wildduck-schemas.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import type { OutgoingMails } from "../webmail/outgoing.ts"
import { replyMail } from "./invitation-answer.ts"
import { InvitationAnswers } from "./invitation-answers.ts"
import { invitationView, mailboxOf } from "./invitation.ts"
import type { MailSource } from "./mail-source.ts"
import { unwrapParts } from "./open-parts.ts"
import { findInvitation } from "./parts-view.ts"

/** What answering needs of the mailbox. */
export type OpenInvitedMail = (request: FastifyRequest) => Promise<MailSource & { readonly mail: StoredMail }>

/** Answering invitations: a mail to their organizer, by the same way as every mail. */
export function invitationRoutes(app: App, { database, domains, mail: intake }: Pick<ApiDependencies, "database" | "domains" | "mail">, { outbox, worker }: Pick<OutgoingMails, "outbox" | "worker">, open: OpenInvitedMail): void {
  const answers = new InvitationAnswers(database)

  app.post("/api/mail/folders/:folder/messages/:id/invitation", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Answer an invitation", params: MailParams, body: InvitationAnswer, response: { 200: Invitation } } }, async (request) => {
    const user = userOf(request)
    const { answer, comment = "" } = request.body
    const { mail, parts } = await open(request)
    const own = [user._id, ...user.aliases]
    const event = await findInvitation((await unwrapParts(parts)).parts)
    const view = event && invitationView(event, own, null)
    if (!event || !view?.answerable) throw new ApiError("not-found")
    const organizer = mailboxOf(event.event.getFirstProperty("organizer")).address
    if (domains.get(domainOf(canonicalAddress(organizer) ?? organizer)) !== undefined) {
      const check = await intake.checkRecipient(organizer)
      if ("reply" in check) throw new ApiError("recipients-refused", `${organizer}: ${check.reply.code} ${replyText(check.reply)}`)
    }
    const now = database.now()
    const raw = await replyMail({ invitation: event, answer, comment: comment.trim(), user: { name: user.name, address: user._id, own, language: user.language }, now }, view.summary, `<${randomUUID()}@${user.domain}>`)
    const { item } = await outbox.put(
      {
        _id: createMessageId(now), user: user._id, letter: null, subject: view.summary, to: organizer, mailFrom: user._id, recipients: [organizer], smtpUtf8: /[^\x20-\x7e]/.test(organizer + user._id),
        client: { address: request.ip, name: "", helo: "webmail", tls: request.protocol === "https", user: user._id }, outgoing: null, draft: null, answered: mail.metaData?.message ?? null, refused: [],
      },
      raw,
      null,
    )
    const reply = await worker.work(item)
    if (reply) {
      await outbox.forget(item)
      throw new ApiError("recipients-refused", `${organizer}: ${reply.code} ${replyText(reply)}`)
    }
    await answers.remember(user._id, event, answer)
    return { ...view, answer }
  })
}
