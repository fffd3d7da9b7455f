import { type Static } from "typebox"
import { fitting } from "./fitting-answer.ts"
import { WildDuckConnection, pathOf, type WildDuckAccess } from "./wildduck-connection.ts"
import { withoutGroups } from "./stored-rows.ts"
import { WildDuckError } from "./wildduck-error.ts"
import { AnyMail, Created, Done, FolderList, RowList, StoredMail, StoredRow, Updated, Uploaded, type StoredFolder } from "./wildduck-schemas.ts"

/** An account to create. Sizes are bytes; 0 means without a limit of its own. */
export interface AccountSettings {
  readonly name?: string
  /** A PHC string, or false: nobody can sign in. Left out in a change: stays as it is. */
  readonly password?: string | false
  readonly quota?: number
  readonly disabled?: boolean
  readonly language?: string
  /** Kept with the account, for us alone. */
  readonly internalData?: Readonly<Record<string, string>>
}

export interface NewAccount extends AccountSettings {
  readonly username: string
  /** undefined: the account has no address of its own. */
  readonly address: string | undefined
  readonly password: string | false
}

/** What an uploaded mail is stored with. `metaData` is found again, character by character, as `meta.custom`. */
export interface UploadOptions {
  readonly date?: Date
  readonly unseen?: boolean
  readonly flagged?: boolean
  readonly draft?: boolean
  readonly metaData?: string
  /** Replaces an earlier version (drafts). */
  readonly replaces?: { readonly folder: string; readonly id: number }
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** A page of a list; `next` undefined: there are no more. */
export interface RowPage {
  readonly rows: StoredRow[]
  readonly total: number
  readonly next: string | undefined
}

export interface ListOptions {
  readonly limit?: number
  readonly cursor?: string | undefined
  readonly unseen?: boolean | undefined
  readonly order?: "asc" | "desc"
}

export interface SearchOptions {
  /** WildDuck's search words: free text, `from:`, `to:`, `subject:` and so on. */
  readonly q?: string | undefined
  /** All words must be there, exactly as written; otherwise one of them in any form. */
  readonly everyWord?: boolean
  readonly folder?: string | undefined
  readonly unseen?: boolean | undefined
  readonly flagged?: boolean | undefined
  readonly limit?: number
  readonly cursor?: string | undefined
}

/** What a change does to mails; `moveTo` is a folder id. */
export interface MailMarks {
  readonly seen?: boolean
  readonly flagged?: boolean
  readonly draft?: boolean
  readonly moveTo?: string
  readonly metaData?: string
}

/** Where moved mails are now: old id → new id in the folder moved to. */
export type Moved = ReadonlyMap<number, number>

const uploadBytesPerSecond = 1_000_000

/**
 * WildDuck's HTTP API. Account and folder ids are WildDuck's own (24 hex digits), mails have their IMAP UID. Every call
 * throws {@link WildDuckError}; nothing is checked about who may do what: that is the caller's business.
 */
export class WildDuckApi {
  readonly #http: WildDuckConnection

  constructor(access: WildDuckAccess | (() => WildDuckAccess)) {
    this.#http = new WildDuckConnection(access)
  }

  /** Resolves when WildDuck and both of its databases answer. */
  async health(timeout = 5_000): Promise<void> {
    await this.#http.json({ method: "GET", path: "/health", timeout }, Done)
  }

  /** Creates an account with the folders Sent Mail, Drafts, Junk and Trash; returns its id. Throws `exists`. */
  async createAccount(account: NewAccount): Promise<string> {
    const { address, ...rest } = account
    const json = {
      ...rest,
      ...(address === undefined ? { emptyAddress: true } : { address }),
      hashedPassword: true,
      // What the service holds for its users must not expire, nor be sorted away.
      retention: 0,
      spamLevel: 100,
    }
    return (await this.#http.json({ method: "POST", path: "/users", json, timeout: 20_000 }, Created)).id
  }

  /** Changes an account. A password given ends its IMAP and POP3 sessions. */
  async changeAccount(account: string, settings: AccountSettings): Promise<void> {
    const json = settings.password === undefined ? settings : { ...settings, hashedPassword: true }
    await this.#http.json({ method: "PUT", path: pathOf("users", account), json }, Done)
  }

  /** Deletes an account with all its mail; nothing happens where there is none. */
  async deleteAccount(account: string): Promise<void> {
    await this.#http.json({ method: "DELETE", path: pathOf("users", account) }, Done).catch(unlessGone)
  }

  /** Ends the IMAP sessions of an account. */
  async endSessions(account: string, reason: string): Promise<void> {
    await this.#http.json({ method: "PUT", path: pathOf("users", account, "logout"), json: { reason } }, Done)
  }

  /** Every folder, with the numbers of mails where `counters` is set. */
  async folders(account: string, counters = true): Promise<StoredFolder[]> {
    return (await this.#http.json({ method: "GET", path: pathOf("users", account, "mailboxes"), query: { counters } }, FolderList)).results
  }

  /** Creates a folder, `/` between the levels of `path`; returns its id. Throws `exists`. */
  async createFolder(account: string, path: string): Promise<string> {
    return (await this.#http.json({ method: "POST", path: pathOf("users", account, "mailboxes"), json: { path } }, Created)).id
  }

  /** Renames a folder, or sets after how many milliseconds its mails are removed (0: never). Throws `exists`. */
  async changeFolder(account: string, folder: string, change: { readonly path?: string; readonly retention?: number }): Promise<void> {
    await this.#http.json({ method: "PUT", path: pathOf("users", account, "mailboxes", folder), json: change }, Done)
  }

  /** Deletes a folder; its mails go with it (and are delivered to the primary all the same). */
  async deleteFolder(account: string, folder: string): Promise<void> {
    await this.#http.json({ method: "DELETE", path: pathOf("users", account, "mailboxes", folder) }, Done)
  }

  /** Mails of a folder, newest first. */
  async list(account: string, folder: string, options: ListOptions = {}): Promise<RowPage> {
    const { limit = 50, cursor, unseen, order = "desc" } = options
    const query = { limit, next: cursor, unseen, order, metaData: true }
    return pageOf(await this.#http.json({ method: "GET", path: pathOf("users", account, "mailboxes", folder, "messages"), query, timeout: 20_000 }, RowList))
  }

  /** Mails that fit, newest first; folders other than `folder` as well where none is given, Junk and Trash excepted. */
  async search(account: string, options: SearchOptions): Promise<RowPage> {
    const { q, everyWord, folder, unseen, flagged, limit = 50, cursor } = options
    const query = { q, useAndSearch: everyWord, mailbox: folder, unseen, flagged, limit, next: cursor, order: "desc", metaData: true, ...(folder === undefined ? { searchable: true } : {}) }
    return pageOf(await this.#http.json({ method: "GET", path: pathOf("users", account, "search"), query, timeout: 30_000 }, RowList))
  }

  /** One mail with its text and HTML. `markAsSeen` marks it in the same step. */
  async mail(account: string, folder: string, id: number, markAsSeen = false): Promise<StoredMail> {
    const query = { markAsSeen, replaceCidLinks: false }
    const answer = await this.#http.json({ method: "GET", path: pathOf("users", account, "mailboxes", folder, "messages", id), query, timeout: 20_000 }, AnyMail)
    return fitting(StoredMail, withoutGroups({ ...answer })) ?? misfit(`mail ${id}`)
  }

  /** The mail as WildDuck keeps it: rebuilt from its parts, so not byte for byte what came in. */
  async raw(account: string, folder: string, id: number): Promise<ReadableStream<Uint8Array>> {
    const path = pathOf("users", account, "mailboxes", folder, "messages", id, "message.eml")
    return (await this.#http.stream({ method: "GET", path, headers: { Accept: "*/*" } })).body
  }

  /** One attachment, decoded. `contentType` is what its sender claimed. */
  async attachment(account: string, folder: string, id: number, attachment: string): Promise<{ body: ReadableStream<Uint8Array>; contentType: string }> {
    const path = pathOf("users", account, "mailboxes", folder, "messages", id, "attachments", attachment)
    const { body, headers } = await this.#http.stream({ method: "GET", path, headers: { Accept: "*/*" } })
    return { body, contentType: headers.get("content-type") ?? "application/octet-stream" }
  }

  /**
   * Stores a raw message in a folder; returns its UID. Nothing is added to it and nothing is taken for a duplicate:
   * a call whose answer was lost must be looked up before it is made again.
   */
  async upload(account: string, folder: string, raw: Uint8Array<ArrayBuffer>, options: UploadOptions = {}): Promise<number> {
    const { date, unseen = false, flagged = false, draft = false, metaData, replaces, signal } = options
    const query = {
      unseen,
      flagged,
      draft,
      metaData,
      date: date?.toISOString(),
      "replacePrevious[mailbox]": replaces?.folder,
      "replacePrevious[id]": replaces?.id,
    }
    const timeout = options.timeout ?? 10_000 + Math.ceil((raw.byteLength / uploadBytesPerSecond) * 1_000)
    const path = pathOf("users", account, "mailboxes", folder, "messages")
    return (await this.#http.json({ method: "POST", path, query, raw, timeout, signal }, Uploaded)).message.id
  }

  /** Marks mails of one folder, or moves them. Ids that do not exist (any more) are passed over. */
  async change(account: string, folder: string, ids: readonly number[], marks: MailMarks): Promise<Moved> {
    if (ids.length === 0) return new Map()
    const path = pathOf("users", account, "mailboxes", folder, "messages")
    let moved: Moved = new Map()
    for (const part of marks.moveTo === undefined ? setAndCleared(marks) : [marks]) {
      const { id } = await this.#http.json({ method: "PUT", path, json: { message: ids.join(","), ...part }, timeout: 30_000 }, Updated)
      moved = new Map(id ?? [])
    }
    return moved
  }

  /** Removes a mail for good; nothing happens where there is none. */
  async delete(account: string, folder: string, id: number): Promise<void> {
    await this.#http.json({ method: "DELETE", path: pathOf("users", account, "mailboxes", folder, "messages", id) }, Done).catch(unlessGone)
  }

  /** Removes every mail of a folder for good (the user empties the trash). */
  async empty(account: string, folder: string): Promise<void> {
    const path = pathOf("users", account, "mailboxes", folder, "messages")
    await this.#http.json({ method: "DELETE", path, timeout: 60_000 }, Done)
  }

  /**
   * Changes of an account as they happen (server-sent events, `data:` is JSON with `command` and `mailbox`). Ends after
   * half an hour without one; `lastEventId` resumes within three hours.
   */
  async updates(account: string, signal: AbortSignal, lastEventId?: string): Promise<ReadableStream<Uint8Array>> {
    const headers: Record<string, string> = { Accept: "*/*" }
    if (lastEventId !== undefined) headers["Last-Event-ID"] = lastEventId
    return (await this.#http.stream({ method: "GET", path: pathOf("users", account, "updates"), headers, signal })).body
  }
}

/** WildDuck cannot set one mark and clear another in the same request. */
function setAndCleared(marks: MailMarks): MailMarks[] {
  const cleared = Object.entries(marks).filter(([, value]) => value === false)
  const set = Object.entries(marks).filter(([, value]) => value !== false)
  return [set, cleared].flatMap((part): MailMarks[] => (part.length > 0 ? [Object.fromEntries(part)] : []))
}

function pageOf(list: Static<typeof RowList>): RowPage {
  const rows = list.results.map((row) => fitting(StoredRow, row) ?? misfit("a row of a list"))
  return { rows, total: list.total, next: list.nextCursor === false ? undefined : list.nextCursor }
}

function misfit(what: string): never {
  throw new WildDuckError("temporary", 200, undefined, `${what} has another form than expected`)
}

function unlessGone(error: unknown): void {
  if (!(error instanceof WildDuckError) || error.failure !== "not-found") throw error
}
