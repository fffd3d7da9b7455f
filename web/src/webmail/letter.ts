import type { MailView } from "@lifeboat/shared/schemas/mail"
import type { Letter } from "../stores/composer.ts"
import { t } from "../text/index.ts"
import { fullTime, type TimeStyle } from "../ui/time.ts"
import { formatMailbox, quoted, type Reference, replyRecipients, replySubject } from "./reply.ts"

/** The answer to a mail, or the mail handed on, ready to be written. */
export function letterFrom(mail: MailView, reference: Reference, own: readonly string[], style: TimeStyle): Letter {
  const date = fullTime(mail.date, style)
  const originals = mail.attachmentList.filter((attachment) => !attachment.inline).length
  const head = [
    `---------- ${t("compose.forwarded")} ----------`,
    `${t("mail.from")}: ${formatMailbox(mail.sender)}`,
    `${t("mail.date")}: ${date}`,
    `${t("mail.subject")}: ${mail.subject}`,
    `${t("mail.to")}: ${mail.recipients.to.map(formatMailbox).join(", ")}`,
    ...(mail.recipients.cc.length > 0 ? [`${t("mail.cc")}: ${mail.recipients.cc.map(formatMailbox).join(", ")}`] : []),
  ].join("\n")
  const text = reference === "forward" ? `\n\n${head}\n\n${mail.text.trimEnd()}\n` : `\n\n${t("compose.wrote", { date, name: mail.sender.name || mail.sender.address })}\n${quoted(mail.text)}\n`
  return {
    ...replyRecipients(mail, reference, own),
    bcc: [],
    subject: replySubject(mail.subject, reference),
    text,
    reference: { folder: mail.folder, id: mail.id, action: reference, ...(mail.messageId === null ? {} : { message: mail.messageId }), ...(reference === "forward" && originals > 0 ? { attach: true } : {}) },
    ...(reference === "forward" ? { originals } : {}),
  }
}

/** A saved draft, to be written on. */
export function letterFromDraft(mail: MailView): Letter {
  const { to, cc, bcc } = mail.recipients
  return {
    to: to.map(formatMailbox), cc: cc.map(formatMailbox), bcc: bcc.map(formatMailbox), subject: mail.subject, text: mail.text, draft: { folder: mail.folder, id: mail.id },
    ...(mail.reference ? { reference: mail.reference } : {}),
  }
}
