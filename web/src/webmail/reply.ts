import type { Mailbox, MailView } from "@lifeboat/shared/schemas/mail"

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

/** The text of a mail with `> ` before every line (RFC 3676 §4.5: no space between quote marks); trailing blank lines and the signature are left out. */
export function quoted(text: string): string {
  const lines = text.replaceAll("\r\n", "\n").replace(/\n-- \n[\s\S]*$/, "").trimEnd().split("\n")
  return lines.map((line) => (line.startsWith(">") ? `>${line}` : line === "" ? ">" : `> ${line}`)).join("\n")
}

/** A mailbox as it stands in a recipient field: `Name <address>`, the name quoted where it needs to be (RFC 5322 §3.4). */
export function formatMailbox(mailbox: Mailbox): string {
  const name = mailbox.name.trim()
  if (name === "" || name === mailbox.address) return mailbox.address
  return /^[\p{L}\p{N} !#$%&'*+/=?^_`{|}~-]+$/u.test(name) ? `${name} <${mailbox.address}>` : `"${name.replace(/["\\]/g, "\\$&")}" <${mailbox.address}>`
}

/** Who gets the answer. `own` are the writer's addresses in lower case: they are left out unless nobody else remains. */
export function replyRecipients(mail: MailView, reference: Reference, own: readonly string[]): { to: string[]; cc: string[] } {
  if (reference === "forward") return { to: [], cc: [] }
  const isOwn = (mailbox: Mailbox) => own.includes(mailbox.address.toLowerCase())
  const seen = new Set<string>()
  const fresh = (mailboxes: readonly Mailbox[]) =>
    mailboxes.filter((mailbox) => {
      const address = mailbox.address.toLowerCase()
      return address !== "" && !seen.has(address) && seen.add(address)
    })
  const answerTo = mail.recipients.replyTo.length > 0 ? mail.recipients.replyTo : [mail.sender]
  const written = answerTo.every(isOwn)
  const to = fresh(written ? mail.recipients.to : answerTo)
  if (reference === "reply") return { to: to.map(formatMailbox), cc: [] }
  if (!written) to.push(...fresh(mail.recipients.to.filter((mailbox) => !isOwn(mailbox))))
  return { to: to.map(formatMailbox), cc: fresh(mail.recipients.cc.filter((mailbox) => !isOwn(mailbox))).map(formatMailbox) }
}
