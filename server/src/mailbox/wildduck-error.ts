/**
 * What a failure of the mailbox store means to us. `temporary`: nobody knows, try again (it is down, slow, its database
 * is away). `unstorable`: this mail can never be stored as it is. `refused`: the request itself was wrong.
 */
export type WildDuckFailure = "temporary" | "over-quota" | "user-disabled" | "not-found" | "exists" | "unstorable" | "refused"

/** Every error that the client of WildDuck's API throws. */
export class WildDuckError extends Error {
  readonly failure: WildDuckFailure
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** WildDuck's own name of the error. */
  readonly code: string | undefined

  constructor(failure: WildDuckFailure, status: number, code: string | undefined, message: string) {
    super(message)
    this.failure = failure
    this.status = status
    this.code = code
  }
}

/** What MongoDB's and Node's parts say about a document that is too deep or too large; WildDuck passes it on with a 500. */
const unstorable = /maximum nested object depth|nested too deep|BSONObj size|object to insert too large|larger than the maximum size|document is too large|Maximum call stack|"?offset"? is out of range/i

const byCode: ReadonlyMap<string, WildDuckFailure> = new Map(Object.entries({
  OverQuotaError: "over-quota",
  UserDisabled: "user-disabled",
  UserExistsError: "exists",
  AddressExistsError: "exists",
  MailboxExistsError: "exists",
  ALREADYEXISTS: "exists",
  UserNotFound: "not-found",
  NoSuchMailbox: "not-found",
  NONEXISTENT: "not-found",
  MessageNotFound: "not-found",
  AttachmentNotFound: "not-found",
  // Our token is wrong: a trouble of this installation, not of the mail.
  InvalidToken: "temporary",
  MissingPrivileges: "temporary",
  InternalDatabaseError: "temporary",
} as const))

/** Sorts an answer of WildDuck that is not a success. Unknown ones below 500 are `refused`, the rest is `temporary`. */
export function classifyAnswer(status: number, code: string | undefined, message: string): WildDuckFailure {
  if (unstorable.test(message) || status === 413) return "unstorable"
  const known = code === undefined ? undefined : byCode.get(code)
  if (known) return known
  if (status === 404) return "not-found"
  if (status === 429 || status >= 500 || status < 400) return "temporary"
  return "refused"
}
