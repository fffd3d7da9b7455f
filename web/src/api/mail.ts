import type { ListOf } from "@lifeboat/shared/schemas/list"
import type { Folder, MailChange, MailListQuery, MailMoved, MailPage, MailStatus, MailView } from "@lifeboat/shared/schemas/mail"
import type { Outgoing, Sent } from "@lifeboat/shared/schemas/outgoing"
import { del, get, path, post, put, withQuery } from "./client.ts"

/** Where a mail lies: WildDuck's ids are unique in a folder only. */
export interface MailPlace {
  readonly folder: string
  readonly id: string
}

const messages = (folder: string) => path("mail", "folders", folder, "messages")
const message = (place: MailPlace) => path("mail", "folders", place.folder, "messages", place.id)

export const mailStatus = () => get<MailStatus>(path("mail", "status"))
export const listFolders = () => get<ListOf<Folder> | Folder[]>(path("mail", "folders")).then((reply) => (Array.isArray(reply) ? reply : reply.items))
export const createFolder = (name: string) => post<Folder>(path("mail", "folders"), { name })
export const deleteFolder = (folder: string) => del<void>(path("mail", "folders", folder))
export const listMails = (folder: string, query: MailListQuery, signal?: AbortSignal) => get<MailPage>(withQuery(messages(folder), query), signal)
export const openMail = (place: MailPlace) => get<MailView>(message(place))
export const changeMail = (place: MailPlace, change: MailChange) => put<MailMoved>(message(place), change)
/** To the trash; from the trash for good. Answers where the mail is now, where it still is. */
export const deleteMail = (place: MailPlace) => del<MailMoved | undefined>(message(place))
export const sendMail = (outgoing: Outgoing) => post<Sent>(path("mail", "send"), outgoing)
export const saveDraft = (outgoing: Outgoing) => post<MailPlace>(path("mail", "drafts"), outgoing)

/** Address of the server's sanitised page, for the safe frame. */
export const htmlUrl = (place: MailPlace) => `${message(place)}/html`
export const rawUrl = (place: MailPlace) => `${message(place)}/raw`
export const attachmentUrl = (place: MailPlace, attachment: string) => `${message(place)}/attachments/${encodeURIComponent(attachment)}`
export const mailStreamUrl = path("mail", "stream")
