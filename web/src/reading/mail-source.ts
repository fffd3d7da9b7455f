import type { ArchiveView } from "@lifeboat/shared/schemas/archive"
import type { HtmlQuery, Invitation, MailView, ReadableMail } from "@lifeboat/shared/schemas/mail"
import { openArchived } from "../api/archive.ts"
import { path, withQuery } from "../api/client.ts"
import { mailUrl, openMail, type MailPlace } from "../api/mail.ts"
import { answerInvitation, archivedPartLinks, mailPartLinks, type PartLinks } from "../api/parts.ts"
import { cameFromKept, keepRead } from "../offline/keep-read.ts"
import { keptMark } from "../offline/kinds.ts"

/** Where a mail's parts come from, whether it lies in the mailbox or in the archive. */
export interface MailSource {
  /** Unique among all mails. */
  readonly key: string
  /** Address of its HTML as a page of its own. The same choice has the same address, so that what was fetched ahead is found again. */
  html(choice: { readonly pictures: boolean; readonly dark: boolean }): string
  /** Address of the page to print. */
  readonly print: string
  /** Address of the mail as it was sent. */
  readonly raw: string
  readonly parts: PartLinks
  /** Asks for it again. @throws ApiError */
  reload(): Promise<ReadableMail>
  /** Has it kept on this device for when there is no connection, with its page at `page`; left out where the worker does that. `owner`: who reads it. */
  readonly keep?: (owner: string, mail: ReadableMail, page: string | undefined) => void
  /** Answers its invitation; left out where that is not possible. @throws ApiError */
  readonly answer?: (answer: NonNullable<Invitation["answer"]>, comment: string) => Promise<Invitation>
}

/** What the reading view shows of any mail. */
export type ShownMail = ReadableMail & Pick<MailView, "subject" | "date" | "size" | "messageId"> & { readonly moreAttachments?: number | undefined }

function pages(base: string) {
  const html = (query: HtmlQuery) => withQuery(`${base}/html`, query)
  return {
    html: ({ pictures, dark }: { readonly pictures: boolean; readonly dark: boolean }) => html({ pictures, dark }),
    print: html({ print: true, zone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
    raw: `${base}/raw`,
  }
}

/** @param place Where it lies in the mailbox. */
export function mailboxSource(place: MailPlace): MailSource {
  const base = mailUrl(place)
  const { html, ...others } = pages(base)
  return {
    key: `mail/${place.folder}/${place.id}`,
    ...others,
    html: (choice) => (cameFromKept(base) ? `${html(choice)}&${keptMark}=1` : html(choice)),
    keep: (owner, mail, page) => keepRead(owner, base, mail, page),
    parts: mailPartLinks(place),
    reload: () => openMail(place),
    answer: (answer, comment) => answerInvitation(place, answer, comment),
  }
}

/** @param id The message's id in the archive. */
export function archiveSource(id: string): MailSource {
  return { key: `archive/${id}`, ...pages(path("archive", id)), parts: archivedPartLinks(id), reload: () => openArchived(id) }
}

/** A mail of the archive as the reading view shows it; its date is the one it was written with. */
export function shownFromArchive(mail: ArchiveView): ShownMail {
  return { ...mail, date: mail.sent ?? mail.date, messageId: mail.id }
}
