import type { StoredMail } from "../../mailbox/wildduck-schemas.ts"
import { mailboxSource } from "../parts/mail-source.ts"
import type { MailPart } from "../parts/mail-part.ts"
import { partsView, type PartsView } from "../parts/parts-view.ts"
import { htmlOf } from "./mail-views.ts"
import type { OpenMailbox } from "./mailboxes.ts"

/** A mail of the mailbox as it is read: its own text and files, whatever the mailbox store makes of them. */
export interface StoredReading extends PartsView {
  /** Its files as they lie in it: the ids of those within others begin with theirs. */
  readonly sourceParts: readonly MailPart[]
}

export async function readStored(mailbox: OpenMailbox, mail: StoredMail): Promise<StoredReading> {
  const source = await mailboxSource(mailbox, mail)
  return { ...(await partsView(source, { text: mail.text ?? "", html: htmlOf(mail) || undefined })), sourceParts: source.parts }
}
