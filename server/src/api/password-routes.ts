import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { PasswordRequest, PasswordReset } from "@lifeboat/shared/schemas/session"
import { replyText } from "@lifeboat/shared/smtp-replies"
import { headerBlock } from "../archive/bodies.ts"
import { createMessageId } from "../archive/message-id.ts"
import { networkOf } from "../identity/attempt-limiter.ts"
import { recordAct } from "../identity/audit.ts"
import { PasswordLinks } from "../identity/password-links.ts"
import { RequestLimiter } from "../identity/request-limiter.ts"
import type { App } from "./app.ts"
import type { ApiDependencies } from "./dependencies.ts"
import { passwordMail } from "./password-mail.ts"

const requestsAllowed = 10
const requestWindowMs = 15 * 60_000
const mailsAtOnce = 20

/** A new password by a link in a mail (D6). */
export function passwordRoutes(app: App, { config, database, users, mail, log }: ApiDependencies): void {
  const links = new PasswordLinks(database, users)
  const limiter = new RequestLimiter(requestsAllowed, requestWindowMs)
  const sending = new Set<Promise<void>>()

  /** Sends the link on the way of every mail. */
  const sendLink = async (address: string): Promise<void> => {
    const made = await links.make(address)
    if (!made) return
    const { user, token } = made
    const now = database.now()
    const raw = await passwordMail(user, `${config.publicUrl}/new-password#${token}`, now)
    const recipient = await mail.checkRecipient(user._id)
    if (!("ok" in recipient)) {
      log.warn({ user: user._id, reply: replyText(recipient.reply) }, "a link for a new password cannot be sent")
      return
    }
    const acceptance = await mail.accept({
      receivedAt: now,
      client: { address: "127.0.0.1", name: config.hostname, helo: config.hostname, tls: false, user: null },
      envelope: { mailFrom: `postmaster@${user.domain}`, smtpUtf8: /[^ -~]/.test(user._id), eightBit: false },
      recipients: [recipient.ok],
      body: { messageId: createMessageId(now), size: raw.length, bytes: raw, header: headerBlock(raw, config.limits.headerBytes) },
      transport: null,
      submitter: null,
      onBehalfOf: [user.domain],
    })
    if (!acceptance.accepted) log.warn({ user: user._id, reply: replyText(acceptance.reply) }, "a link for a new password was not sent")
  }

  app.post("/api/session/password-request", { config: { access: "public" }, schema: { tags: ["session"], summary: "Have a link for a new password sent", body: PasswordRequest, response: { 204: Type.Null() } } }, async (request, reply) => {
    const wait = limiter.take(networkOf(request.ip), performance.now())
    if (wait > 0) throw new ApiError("too-many-attempts", undefined, wait / 1000)
    const { address } = request.body
    // Only once the answer is gone: its time must not tell whether the address is known.
    reply.raw.once("close", () => {
      if (sending.size >= mailsAtOnce) {
        log.warn({}, "a request for a new password was left out, because too many came at once")
        return
      }
      const sent = sendLink(address)
        .catch((error: unknown) => log.warn({ error: String(error) }, "a link for a new password was not sent"))
        .finally(() => sending.delete(sent))
      sending.add(sent)
    })
    return reply.code(204).send(null)
  })

  app.post("/api/session/password-reset", { config: { access: "public" }, schema: { tags: ["session"], summary: "Set a new password by such a link", body: PasswordReset, response: { 204: Type.Null() } } }, async (request, reply) => {
    const user = await links.use(request.body.token, request.body.password)
    await recordAct(database, user._id, user.domain, "password-reset", request.ip)
    return reply.code(204).send(null)
  })

  app.addHook("onClose", async () => {
    await Promise.allSettled(sending)
  })
}
