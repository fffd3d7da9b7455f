import MailComposer from "nodemailer/lib/mail-composer/index.js"
import { parseAddress } from "@lifeboat/shared/address"
import type { MessageDocument } from "../store/documents.ts"

/** Why a mail cannot be put into the mailbox as it is. */
export type SubstituteReason = "too-deep" | "too-many-lines" | "too-large" | "refused"

const reasons: Readonly<Record<SubstituteReason, { readonly de: string; readonly en: string }>> = {
  "too-deep": { de: "ihre Teile sind zu tief ineinander verschachtelt", en: "its parts are nested too deeply" },
  "too-many-lines": { de: "sie hat ungewöhnlich viele Zeilen", en: "it has an unusual number of lines" },
  "too-large": { de: "sie ist zu groß", en: "it is too large" },
  refused: { de: "ihr Aufbau ist ungewöhnlich", en: "it is built in an unusual way" },
}

/**
 * A small message in the place of one that WildDuck cannot hold, with the original's sender, subject and date. It says
 * so in both languages and where the original is: whole in the archive, and on its way to the primary.
 * `archiveUrl`: page of the mail in the archive.
 */
export async function substituteMessage(message: MessageDocument, reason: SubstituteReason, archiveUrl: string): Promise<Buffer<ArrayBuffer>> {
  const { summary } = message
  const size = new Intl.NumberFormat("de", { maximumFractionDigits: 1 }).format(message.size / 1_000_000)
  const text = [
    `Diese E-Mail lässt sich im Notfallpostfach nicht anzeigen: ${reasons[reason].de}.`,
    `Das Original (${size} MB) liegt unverändert im Archiv und wird zugestellt, sobald Ihr Mailserver wieder da ist.`,
    `Ansehen: ${archiveUrl}`,
    "",
    "--",
    "",
    `This mail cannot be shown in the standby mailbox: ${reasons[reason].en}.`,
    `The original (${size.replace(",", ".")} MB) is unchanged in the archive and will be delivered when your mail server is back.`,
    `See it: ${archiveUrl}`,
    "",
    `Von / From: ${line(summary.from)}`,
    `An / To: ${line(summary.to)}`,
    `Betreff / Subject: ${line(summary.subject)}`,
    "",
  ].join("\r\n")
  const from = senderOf(message)
  const messageId = summary.messageId
  const mail = new MailComposer({
    ...(from ? { from } : {}),
    to: { name: "", address: message.deliveries[0]?.recipient ?? "" },
    subject: line(summary.subject),
    date: summary.date ?? message.receivedAt,
    text,
    ...(messageId !== null && /^<[^<>\s]{1,250}>$/.test(messageId) ? { messageId } : {}),
    headers: { "Auto-Submitted": "auto-generated", "X-Lifeboat-Substitute": message._id },
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: "\r\n",
  })
  const built = await mail.compile().build()
  return Buffer.from(built)
}

/** The From of the original if it is an address, else the sender of its envelope. */
function senderOf(message: MessageDocument): { name: string; address: string } | undefined {
  const match = /^(.*?)<([^<>]*)>\s*$/s.exec(message.summary.from)
  for (const [name, address] of [[match?.[1] ?? "", match?.[2] ?? message.summary.from], ["", message.envelope.mailFrom]] as const) {
    if (parseAddress(address.trim())) return { name: line(name).replace(/^"|"$/g, ""), address: address.trim() }
  }
  return undefined
}

/** One line of moderate length: headers of strangers stand in it. */
function line(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f]+/g, " ").trim().slice(0, 500)
}
