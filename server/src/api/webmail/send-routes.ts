import type { FastifyRequest } from "fastify"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import { OutgoingMail, Sent } from "@lifeboat/shared/schemas/outgoing"
import { replyText } from "@lifeboat/shared/smtp-replies"
import { createMessageId } from "../../archive/message-id.ts"
import type { Written } from "../../outgoing/addresses.ts"
import type { OutboxDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { writingLimit } from "./draft-routes.ts"
import { dueOf } from "./outbox-routes.ts"
import type { OutgoingMails } from "./outgoing.ts"

/** What is kept to make a draft again, characters of JSON; longer ones become drafts as they went out. */
const maxKept = 4_000_000

/** Sending. What is sent waits in the outbox, if only for a moment, and then takes the same way as mail by submission. */
export function sendRoutes(app: App, { config, database, domains, mail: intake }: ApiDependencies, { writing, outbox, worker }: OutgoingMails): void {
  /** Checks each recipient once, as RCPT does; refusals are told by address. */
  const checkRecipients = async (written: readonly Written[]) => {
    const accepted: string[] = []
    const refused: Sent["refused"] = []
    const seen = new Set<string>()
    for (const { address } of written) {
      const canonical = canonicalAddress(address) ?? address
      if (seen.has(canonical)) continue
      seen.add(canonical)
      const answer = domains.get(domainOf(canonical)) === undefined ? undefined : await intake.checkRecipient(address)
      if (answer && "reply" in answer) refused.push({ address, reply: `${answer.reply.code} ${replyText(answer.reply)}` })
      else accepted.push(address)
    }
    return { accepted, refused }
  }

  app.post("/api/mail/send", { bodyLimit: writingLimit, config: { access: "user" }, schema: { tags: ["mail"], summary: "Send a mail", body: OutgoingMail, response: { 200: Sent } } }, async (request) => {
    const user = userOf(request)
    const { undoSeconds = 0, ...outgoing } = request.body
    const count = outgoing.to.length + (outgoing.cc?.length ?? 0) + (outgoing.bcc?.length ?? 0)
    if (count === 0) throw new ApiError("no-recipients")
    if (count > config.limits.recipients) throw new ApiError("too-many-recipients")
    const { letter, raw, answered } = await writing.finished(user, outgoing)
    const written = [...letter.to, ...letter.cc, ...letter.bcc]
    const { accepted, refused } = await checkRecipients(written)
    if (accepted.length === 0) throw new ApiError("recipients-refused", refused.map(({ address, reply }) => `${address}: ${reply}`).join("\n"))
    const now = database.now()
    const kept = JSON.stringify(outgoing)
    const { item, repeated } = await outbox.put(
      {
        _id: createMessageId(now),
        user: user._id,
        letter: outgoing.letter ?? null,
        subject: letter.subject,
        to: letter.to.map(({ address }) => address).join(", "),
        mailFrom: letter.from.address,
        recipients: accepted,
        smtpUtf8: [letter.from, ...written].some(({ address }) => /[^\x20-\x7e]/.test(address)),
        client: { ...clientOf(request), user: user._id },
        outgoing: kept.length > maxKept ? null : kept,
        draft: outgoing.draft ?? null,
        answered: answered ?? null,
        refused,
      },
      raw,
      undoSeconds > 0 ? new Date(now.getTime() + undoSeconds * 1_000) : null,
    )
    if (repeated) return { ...sentView(item), repeated }
    if (undoSeconds > 0) return sentView(item)
    const reply = await worker.work(item)
    if (reply) {
      await outbox.forget(item)
      throw new ApiError("recipients-refused", `${reply.code} ${replyText(reply)}`)
    }
    return sentView((await outbox.find(user._id, item._id)) ?? item)
  })
}

function sentView(item: OutboxDocument): Sent {
  const waits = item.sentAt === null && item.state !== "sent"
  return { id: item._id, refused: item.refused, outbox: waits ? item._id : null, due: waits ? dueOf(item).toISOString() : null }
}

function clientOf(request: FastifyRequest): { address: string; name: string; helo: string; tls: boolean } {
  return { address: request.ip, name: "", helo: "webmail", tls: request.protocol === "https" }
}
