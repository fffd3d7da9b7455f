import type { Attachment, Invitation } from "@lifeboat/shared/schemas/mail"
import { invitationView, maxCalendarBytes, readCalendar, type CalendarEvent } from "./invitation.ts"
import type { InvitationAnswers } from "./invitation-answers.ts"
import { partView, type MailPart } from "./mail-part.ts"
import type { MailSource } from "./mail-source.ts"
import { mendText } from "./mend-text.ts"
import { shownBy } from "./own-pictures.ts"
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
  /** It is signed (S/MIME), and nobody has checked the signature. */
  readonly signed: boolean
  /** For the pictures that the HTML shows. */
  readonly parts: readonly MailPart[]
}

type Body = Pick<PartsView, "text" | "html">

/** `given`: the mail's own text and HTML. */
export async function partsView(source: MailSource, given: Body): Promise<PartsView> {
  const { parts, text, html, signed } = await unwrapParts(source.parts)
  const own = source.body ?? given
  const silent = own.text.trim() === "" && !own.html
  const within = { text: text || (html === "" ? await ownText(parts) : ""), html: html || undefined }
  const body = silent ? within : signed ? joined(within, own) : own
  const shown = shownBy(body.html)
  // What belongs to the HTML, but is not shown by it, would be seen nowhere.
  const attachmentList = parts.slice(0, maxListed).map((part) => ({ ...partView(part), inline: partView(part).inline && shown(part) }))
  return { attachmentList, moreAttachments: Math.max(0, parts.length - maxListed), text: mendText(body.text), html: (body.html && mendText(body.html)) || undefined, signed, parts }
}

/** What a signed part says, and what somebody on its way (a mailing list) put beside it. */
function joined(within: Body, beside: Body): Body {
  const asHtml = ({ text, html }: Body) => html ?? `<pre>${text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)}</pre>`
  return { text: `${within.text}\n\n${beside.text}`, html: within.html === undefined ? undefined : `${within.html}<hr>${asHtml(beside)}` }
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
