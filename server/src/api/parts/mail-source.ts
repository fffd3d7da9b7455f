import { Readable } from "node:stream"
import type { StoredAttachment, StoredMail } from "../../mailbox/wildduck-schemas.ts"
import type { WildDuckApi } from "../../mailbox/wildduck-api.ts"
import { TaskSlots } from "../../mailbox/task-slots.ts"
import { readBounded } from "./bounded.ts"
import { maxOpened } from "./open-parts.ts"
import { partOf, type MailPart } from "./mail-part.ts"
import { takeApart } from "./parse-mail.ts"

/** The files of a mail as they lie in it. */
export interface MailSource {
  readonly parts: readonly MailPart[]
  /** Text and HTML in the place of those that the mailbox store gives. */
  readonly body: { readonly text: string; readonly html: string | undefined } | undefined
}

/** A mailbox as far as reading its parts goes. */
interface PartStore {
  readonly api: Pick<WildDuckApi, "attachment" | "raw">
  readonly account: string
}

const parsing = new TaskSlots(2)

/**
 * The files of a mail in the mailbox. WildDuck mixes the text and the files of an attached mail with those of the mail
 * that holds it; such mails, which are rare, are taken apart here. Never fails for what is in them: what cannot be taken
 * apart is as WildDuck has it.
 */
export async function mailboxSource(store: PartStore, mail: StoredMail): Promise<MailSource> {
  const stored = mail.attachments ?? []
  if (stored.some(({ contentType }) => contentType === "message/rfc822")) {
    const whole = await parsing.run(async () => {
      const bytes = await readBounded(await store.api.raw(store.account, mail.mailbox, mail.id), maxOpened)
      return bytes && takeApart(bytes).catch(() => undefined)
    })
    if (whole) return { parts: whole.parts, body: { text: whole.text, html: whole.html } }
  }
  return { parts: stored.map((attachment) => storedPart(store, mail, attachment)), body: undefined }
}

function storedPart({ api, account }: PartStore, mail: StoredMail, attachment: StoredAttachment): MailPart {
  const { id, filename, contentType = "application/octet-stream", related, cid } = attachment
  // WildDuck names files without a name by chance.
  const name = contentType === "text/calendar" && (filename === undefined || /^[0-9a-f]{8}\.ics$/.test(filename)) ? "invite.ics" : (filename ?? id)
  const body = async () => (await api.attachment(account, mail.mailbox, mail.id, id)).body
  return partOf({ id, name, contentType, size: decodedSize(attachment), related: related === true, cid }, {
    read: async (limit) => readBounded(await body(), limit),
    open: async () => Readable.fromWeb(await body()),
  })
}

/** Bytes of the file itself; exact but for base64 padding where its lines are 76 characters long (RFC 2045 §6.8). */
export function decodedSize({ size, sizeKb = 0, transferEncoding }: StoredAttachment): number {
  if (size === undefined) return sizeKb * 1024
  return typeof transferEncoding === "string" && transferEncoding.toLowerCase() === "base64" ? Math.max(0, Math.floor(((size - 2 * Math.floor(size / 78)) * 3) / 4)) : size
}
