import type { Mailbox, ReadableMail } from "@lifeboat/shared/schemas/mail"

/** How a new mail refers to an old one. */
export type Reference = "reply" | "replyAll" | "forward"

const replyMark = /^\s*(?:re|aw|antw|sv|vs)(?:\[\d+\])?\s*:\s*/i
const forwardMark = /^\s*(?:fwd?|wg|wtr)\s*:\s*/i

/** `Re: …` or `Fwd: …`, never twice, whichever language the marks before were in. */
export function replySubject(subject: string, reference: Reference): string {
  const mark = reference === "forward" ? forwardMark : replyMark
  let bare = subject
  while (mark.test(bare)) bare = bare.replace(mark, "")
  return `${reference === "forward" ? "Fwd" : "Re"}: ${bare.trim()}`
}

/** A mailbox as it stands in a recipient field: `Name <address>`, the name quoted where it needs to be (RFC 5322 §3.4). */
export function formatMailbox(mailbox: Mailbox): string {
  const name = mailbox.name.trim()
  if (name === "" || name === mailbox.address) return mailbox.address
  return /^[\p{L}\p{N} !#$%&'*+/=?^_`{|}~-]+$/u.test(name) ? `${name} <${mailbox.address}>` : `"${name.replace(/["\\]/g, "\\$&")}" <${mailbox.address}>`
}

/**
 * Who gets the answer: where Reply-To asks for it, else the sender; after a mail of one's own, its recipients. `own` are
 * the writer's addresses in lower case: they are left out of an answer to all unless nobody else remains.
 */
export function replyRecipients(mail: Pick<ReadableMail, "sender" | "recipients">, reference: Reference, own: readonly string[]): { to: string[]; cc: string[] } {
  if (reference === "forward") return { to: [], cc: [] }
  const isOwn = (mailbox: Mailbox) => own.includes(mailbox.address.toLowerCase())
  const seen = new Set<string>()
  const fresh = (mailboxes: readonly Mailbox[]) =>
    mailboxes.filter((mailbox) => {
      const address = mailbox.address.toLowerCase()
      return address !== "" && !seen.has(address) && seen.add(address)
    })
  const written = isOwn(mail.sender)
  const answerTo = mail.recipients.replyTo.length > 0 ? mail.recipients.replyTo : [mail.sender]
  const to = fresh(written && mail.recipients.to.length > 0 ? mail.recipients.to : answerTo)
  if (reference === "reply") return { to: to.map(formatMailbox), cc: [] }
  if (!written) to.push(...fresh(mail.recipients.to.filter((mailbox) => !isOwn(mailbox))))
  return { to: to.map(formatMailbox), cc: fresh(mail.recipients.cc.filter((mailbox) => !isOwn(mailbox))).map(formatMailbox) }
}

/** The address to answer as: the first of one's own that the mail went to; undefined: the usual one. */
export function answeringAs(mail: Pick<ReadableMail, "sender" | "recipients">, own: readonly string[]): string | undefined {
  const { to, cc } = mail.recipients
  return [mail.sender, ...to, ...cc].map((mailbox) => mailbox.address.toLowerCase()).find((address) => own.includes(address))
}
