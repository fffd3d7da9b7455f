import { createHmac, timingSafeEqual } from "node:crypto"
import type { SessionDocument } from "../store/documents.ts"

/** How long a link to a mail works: time enough to open it, and for a mail server to fetch an attachment. */
export const linkMs = 10 * 60_000

/** A link as its parts; `sessionId` says which session signed it. */
export interface MailLink {
  readonly sessionId: string
  readonly expires: number
  readonly signature: string
}

const shape = /^(\d{1,15})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})$/

/**
 * A signed word with which one mail can be read in a session's name where no header can be sent: frames, downloads, a
 * mail server that fetches an attachment. It dies with the session. `expires` is in milliseconds since 1970.
 */
export function signMailLink(session: SessionDocument, messageId: string, expires: number): string {
  return `${expires}.${session._id}.${signature(session, messageId, expires)}`
}

/** Takes a link apart; undefined: it has not the form of one. */
export function parseMailLink(text: string): MailLink | undefined {
  const [, expires, sessionId, signed] = shape.exec(text) ?? []
  return expires === undefined || sessionId === undefined || signed === undefined ? undefined : { sessionId, expires: Number(expires), signature: signed }
}

/** Whether this session signed the link for this mail, and its time is not over. */
export function mailLinkHolds(link: MailLink, session: SessionDocument, messageId: string, now: Date): boolean {
  if (link.sessionId !== session._id || now.getTime() >= link.expires) return false
  return timingSafeEqual(Buffer.from(link.signature), Buffer.from(signature(session, messageId, link.expires)))
}

function signature(session: SessionDocument, messageId: string, expires: number): string {
  return createHmac("sha256", session.csrf).update(`mail ${expires} ${messageId}`).digest("base64url")
}
