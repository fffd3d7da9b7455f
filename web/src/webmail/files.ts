import type { Attachment } from "@lifeboat/shared/schemas/mail"
import type { Outgoing } from "@lifeboat/shared/schemas/outgoing"
import { attachmentUrl, type MailPlace } from "../api/mail.ts"

/** What all attachments of a mail may weigh together, bytes. */
export const attachmentsLimit = 25_000_000

const asBase64 = (file: File) =>
  new Promise<string>((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener("load", () => resolve(String(reader.result).replace(/^[^,]*,?/, "")))
    reader.addEventListener("error", () => reject(reader.error ?? new Error("unreadable")))
    reader.readAsDataURL(file)
  })

/** Files as the API takes them. */
export const outgoingFiles = (files: readonly File[]): Promise<NonNullable<Outgoing["attachments"]>> =>
  Promise.all(files.map(async (file) => ({ name: file.name.slice(0, 255), contentType: file.type || "application/octet-stream", content: await asBase64(file) })))

/** Fetches a draft's attachments back, so that they stay with it. */
export const filesOf = (place: MailPlace, attachments: readonly Attachment[]): Promise<File[]> =>
  Promise.all(
    attachments.map(async (attachment) => {
      const response = await fetch(attachmentUrl(place, attachment.id))
      if (!response.ok) throw new Error(`attachment ${attachment.id}: ${response.status}`)
      return new File([await response.blob()], attachment.name || "attachment", { type: attachment.contentType })
    }),
  )
