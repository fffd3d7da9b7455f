import type { Invitation } from "@lifeboat/shared/schemas/mail"
import type { AttachedMail, PartText } from "@lifeboat/shared/schemas/mail-parts"
import { get, path, post } from "./client.ts"
import type { MailPlace } from "./mail.ts"

/** Where the files of one mail are, whether it lies in the mailbox or in the archive. */
export interface PartLinks {
  /** Address of a file's bytes. */
  file(id: string): string
  /** Its beginning as text. */
  text(id: string, signal?: AbortSignal): Promise<PartText>
  /** A mail that is attached. */
  mail(id: string, signal?: AbortSignal): Promise<AttachedMail>
  /** Address of its sanitised page, for the safe frame. */
  html(id: string, dark: boolean): string
  /** Address of all files in one zip. */
  readonly zip: string
}

function partLinks(base: string): PartLinks {
  const part = (id: string) => `${base}/attachments/${encodeURIComponent(id)}`
  return {
    file: part,
    text: (id, signal) => get<PartText>(`${part(id)}/text`, signal),
    mail: (id, signal) => get<AttachedMail>(`${part(id)}/mail`, signal),
    html: (id, dark) => `${part(id)}/mail/html${dark ? "?dark=true" : ""}`,
    zip: `${base}/attachments.zip`,
  }
}

export const mailPartLinks = (place: MailPlace): PartLinks => partLinks(path("mail", "folders", place.folder, "messages", place.id))
export const archivedPartLinks = (id: string): PartLinks => partLinks(path("archive", id))

/** Answers an invitation by a mail to its organizer. @throws ApiError */
export const answerInvitation = (place: MailPlace, answer: NonNullable<Invitation["answer"]>, comment: string) =>
  post<Invitation>(path("mail", "folders", place.folder, "messages", place.id, "invitation"), { answer, ...(comment.trim() === "" ? {} : { comment: comment.trim() }) })

/** Address of several mails (500 at most) as .eml files in one zip. */
export function mailZipUrl(places: readonly MailPlace[]): string {
  const folders = Map.groupBy(places, ({ folder }) => folder)
  const mails = [...folders].map(([folder, list]) => `${folder}:${list.map(({ id }) => id).join(",")}`).join(";")
  return `/api/mail/zip?mails=${mails}`
}
