import type { ListOf } from "@lifeboat/shared/schemas/list"
import type { Folder, MailRow, MailsChange, MailsMoved } from "@lifeboat/shared/schemas/mail"
import type { MailJob, MailJobCreate } from "@lifeboat/shared/schemas/mail-job"
import { del, get, path, post, put, withQuery } from "./client.ts"

/** The same change to several mails of one folder, at most 500. */
export const changeMails = (folder: string, change: MailsChange) => put<MailsMoved>(path("mail", "folders", folder, "messages"), change)
/** The mails of a conversation, oldest first: those of one folder, or of all but trash and junk. */
export const openThread = (thread: string, folder?: string) => get<ListOf<MailRow>>(withQuery(path("mail", "threads", thread), { folder })).then((reply) => reply.items)
/** `parent`: id of the folder that it is made in. */
export const makeFolder = (name: string, parent: string | undefined) => post<Folder>(path("mail", "folders"), { name, ...(parent === undefined ? {} : { parent }) })
export const renameFolder = (folder: string, name: string) => put<Folder>(path("mail", "folders", folder), { name })

export const startJob = (job: MailJobCreate) => post<MailJob>(path("mail", "jobs"), job)
export const openJob = (id: string) => get<MailJob>(path("mail", "jobs", id))
export const stopJob = (id: string) => del<MailJob | undefined>(path("mail", "jobs", id))
export const undoJob = (id: string) => post<MailJob>(path("mail", "jobs", id, "undo"))
