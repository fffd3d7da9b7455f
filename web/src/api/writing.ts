import type { ListOf } from "@lifeboat/shared/schemas/list"
import type { Contact, Outgoing, OutboxItem, OutgoingMail, Sent } from "@lifeboat/shared/schemas/outgoing"
import { del, get, path, post, withQuery } from "./client.ts"
import type { MailPlace } from "./mail.ts"

export const sendMail = (mail: OutgoingMail) => post<Sent>(path("mail", "send"), mail)
export const saveDraft = (mail: Outgoing) => post<MailPlace>(path("mail", "drafts"), mail)
export const listOutbox = () => get<ListOf<OutboxItem>>(path("mail", "outbox")).then((reply) => reply.items)
/** Takes a mail back that waits in the outbox; answers the draft that it is again. */
export const takeBack = (id: string) => del<MailPlace>(path("mail", "outbox", id))
export const findContacts = (q: string, signal: AbortSignal) => get<ListOf<Contact>>(withQuery(path("mail", "contacts"), { q }), signal).then((reply) => reply.items)
export const uploadUrl = (id: string) => path("mail", "uploads", id)
export const removeUpload = (id: string) => del<void>(path("mail", "uploads", id))
