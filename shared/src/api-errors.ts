/** Every error that the API answers: its HTTP status and an English sentence; pages translate by code. Closed. */
export const apiErrors = {
  "not-signed-in": { status: 401, message: "Please sign in." },
  "account-removed": { status: 401, message: "This mailbox does not exist any more. Please ask your administrator." },
  "wrong-credentials": { status: 401, message: "The address or the password is wrong." },
  "too-many-attempts": { status: 429, message: "Too many attempts. Please wait a moment and try again." },
  "not-allowed": { status: 403, message: "You are not allowed to do this." },
  "csrf": { status: 403, message: "This request did not come from the page. Please reload it." },
  "not-found": { status: 404, message: "This does not exist." },
  "invalid": { status: 400, message: "The request is not valid." },
  "invalid-address": { status: 400, message: "This is not a mail address." },
  "invalid-domain": { status: 400, message: "This is not a domain name." },
  "invalid-cursor": { status: 400, message: "This page of the list no longer exists. Please start again." },
  "address-exists": { status: 409, message: "A user with this address exists already." },
  "address-too-similar": { status: 409, message: "Another user's address differs only by dots. Standby mailboxes cannot tell the two apart." },
  "alias-exists": { status: 409, message: "Another user has this alias already." },
  "address-outside-domain": { status: 400, message: "The address does not belong to this domain." },
  "user-not-found": { status: 404, message: "There is no user with this address." },
  "not-selected": { status: 404, message: "This user was not added." },
  "password-too-short": { status: 400, message: "The password needs at least 8 characters." },
  "no-primary": { status: 409, message: "This domain has no mail server yet." },
  "service-disabled": { status: 409, message: "The Continuity Service is not switched on for this domain." },
  "no-mailbox": { status: 409, message: "There is no standby mailbox for this address." },
  "mailbox-unavailable": { status: 503, message: "The mailboxes are not reachable right now. Nothing is lost, please try again in a moment." },
  "mailbox-full": { status: 409, message: "The mailbox is full." },
  "unavailable": { status: 503, message: "This is not possible right now. Please try again in a moment." },
  "too-large": { status: 413, message: "This is too large." },
  "too-many-recipients": { status: 400, message: "These are too many recipients for one mail." },
  "folder-exists": { status: 409, message: "A folder with this name exists already." },
  "folder-protected": { status: 409, message: "This folder cannot be changed." },
  "sender-not-owned": { status: 403, message: "This sender address is not yours." },
  "body-gone": { status: 410, message: "The text of this mail is no longer kept." },
  "own-account": { status: 409, message: "You cannot delete or demote your own account." },
  "domain-has-mail": { status: 409, message: "Mail still waits for this domain's mail server. Have it delivered first." },
  "recipients-refused": { status: 400, message: "None of the recipients can be reached." },
  "no-recipients": { status: 400, message: "The mail has no recipient." },
  "already-sent": { status: 409, message: "This mail is on its way already." },
  "uploads-full": { status: 409, message: "Too many files wait here to be sent. Please send or discard some mails first." },
  "too-many-found": { status: 409, message: "More than 10,000 mails are found. Please narrow the search." },
  "job-running": { status: 409, message: "Too much is being done here already. Please wait until it is finished." },
  "not-undoable": { status: 409, message: "This cannot be undone any more." },
  "unsupported-type": { status: 415, message: "The body must be JSON." },
  "not-redeliverable": { status: 409, message: "This mail has no recipient it could be delivered to again." },
  "wrong-code": { status: 400, message: "This code is wrong or no longer valid. Please make a new one." },
  "link-expired": { status: 410, message: "This link no longer works. Please request a new one." },
  "line-repeated": { status: 409, message: "This address stands further up in the file already." },
  "internal": { status: 500, message: "Something went wrong on our side. Nothing is lost, please try again." },
} as const satisfies Record<string, { status: number; message: string }>
export type ApiErrorCode = keyof typeof apiErrors

/** A refusal on its way to the caller: thrown anywhere, answered as `{code, message}` with its status. */
export class ApiError extends Error {
  readonly code: ApiErrorCode
  readonly status: number
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number | undefined

  /** `message` replaces the catalogue's sentence where a more exact one helps. */
  constructor(code: ApiErrorCode, message?: string, retryAfter?: number) {
    super(message ?? apiErrors[code].message)
    this.name = "ApiError"
    this.code = code
    this.status = apiErrors[code].status
    this.retryAfter = retryAfter
  }
}
