import type { ListOf } from "@lifeboat/shared/schemas/list"
import type { Folder, MailChange, MailListQuery, MailMoved, MailPage, MailStatus, MailView } from "@lifeboat/shared/schemas/mail"
import type { Outgoing, Sent } from "@lifeboat/shared/schemas/outgoing"
import { dropRead, noteKept } from "../offline/keep-read.ts"
import { keptMark } from "../offline/kinds.ts"
import { ApiError, del, get, path, post, put, withQuery } from "./client.ts"

/** Where a mail lies: WildDuck's ids are unique in a folder only. */
export interface MailPlace {
  readonly folder: string
  readonly id: string
}

const messages = (folder: string) => path("mail", "folders", folder, "messages")
/** Address of a mail. */
export const mailUrl = (place: MailPlace) => path("mail", "folders", place.folder, "messages", place.id)

export const mailStatus = () => get<MailStatus>(path("mail", "status"))
export const listFolders = () => get<ListOf<Folder> | Folder[]>(path("mail", "folders")).then((reply) => (Array.isArray(reply) ? reply : reply.items))
export const createFolder = (name: string) => post<Folder>(path("mail", "folders"), { name })
export const deleteFolder = (folder: string) => del<void>(path("mail", "folders", folder))
export const listMails = (folder: string, query: MailListQuery, signal?: AbortSignal) => get<MailPage>(withQuery(messages(folder), query), signal)
/** From the server; where that does not answer, as it was read before. */
export async function openMail(place: MailPlace): Promise<MailView> {
  const url = mailUrl(place)
  let kept = false
  const mail = await get<MailView>(url).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) void dropRead(url)
    if (!(error instanceof ApiError && error.code === "offline")) throw error
    kept = true
    return get<MailView>(withQuery(url, { [keptMark]: 1 }))
  })
  noteKept(url, kept)
  return mail
}
export const changeMail = (place: MailPlace, change: MailChange) => put<MailMoved>(mailUrl(place), change)
/** To the trash; from the trash for good. Answers where the mail is now, where it still is. */
export const deleteMail = (place: MailPlace) => del<MailMoved | undefined>(mailUrl(place))
export const sendMail = (outgoing: Outgoing) => post<Sent>(path("mail", "send"), outgoing)
export const saveDraft = (outgoing: Outgoing) => post<MailPlace>(path("mail", "drafts"), outgoing)

/** Address of the server's sanitised page, for the safe frame. */
export const htmlUrl = (place: MailPlace) => `${mailUrl(place)}/html`
export const rawUrl = (place: MailPlace) => `${mailUrl(place)}/raw`
export const attachmentUrl = (place: MailPlace, attachment: string) => `${mailUrl(place)}/attachments/${encodeURIComponent(attachment)}`
export const mailStreamUrl = path("mail", "stream")
