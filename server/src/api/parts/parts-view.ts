import type { Attachment, Invitation } from "@lifeboat/shared/schemas/mail"
import { invitationView, maxCalendarBytes, readCalendar, type CalendarEvent } from "./invitation.ts"
import type { InvitationAnswers } from "./invitation-answers.ts"
import { partView, type MailPart } from "./mail-part.ts"
import type { MailSource } from "./mail-source.ts"
import { mendText } from "./mend-text.ts"
import { unwrapParts } from "./open-parts.ts"
import { ownText } from "./own-text.ts"
import { isCalendar } from "./part-kind.ts"
import { readText } from "./part-text.ts"

/** More files of one mail are counted, not listed. */
const maxListed = 200
const maxCalendars = 3

/** What lies in a mail beside its text, and the text where it lay in a file. */
export interface PartsView {
  readonly attachmentList: Attachment[]
  readonly moreAttachments: number
  readonly text: string
  /** As sent: sanitise before showing. */
  readonly html: string | undefined
  /** For the pictures that the HTML shows. */
  readonly parts: readonly MailPart[]
}

/** `given`: the mail's own text and HTML. */
export async function partsView(source: MailSource, given: { readonly text: string; readonly html: string | undefined }): Promise<PartsView> {
  const { parts, text, html } = await unwrapParts(source.parts)
  const own = source.body ?? given
  const body = own.text.trim() === "" && !own.html ? { text: text || (html === "" ? await ownText(parts) : ""), html: html || undefined } : own
  return { attachmentList: parts.slice(0, maxListed).map(partView), moreAttachments: Math.max(0, parts.length - maxListed), text: mendText(body.text), html: (body.html && mendText(body.html)) || undefined, parts }
}

/** The invitation among these files; null where there is none that can be read. */
export async function findInvitation(parts: readonly MailPart[]): Promise<CalendarEvent | null> {
  for (const part of parts.filter(({ contentType, name }) => isCalendar(contentType, name)).slice(0, maxCalendars)) {
    const bytes = await part.read(maxCalendarBytes)
    // A calendar is UTF-8 unless it says otherwise (RFC 5545 §3.1.4).
    const event = bytes && readCalendar(readText(bytes, part.charset, false).text)
    if (event) return event
  }
  return null
}

/** The same for its reader; `answering` false: it is only shown. */
export async function invitationOf(parts: readonly MailPart[], user: { readonly _id: string; readonly aliases: readonly string[] }, answers: InvitationAnswers, answering: boolean): Promise<Invitation | null> {
  const event = await findInvitation(parts)
  const view = event && invitationView(event, [user._id, ...user.aliases], await answers.find(user._id, event))
  return view && { ...view, answerable: view.answerable && answering }
}
