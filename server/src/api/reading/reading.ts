import { randomBytes } from "node:crypto"
import { canonicalAddress } from "@lifeboat/shared/address"
import type { Authentication, Mailbox, ReadableMail } from "@lifeboat/shared/schemas/mail"
import type { Database } from "../../store/database.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { ApiDependencies } from "../dependencies.ts"
import type { SafeHtml } from "../mail-html.ts"
import { AuthenticationKeeper, cameByProjection, cameFromInside } from "./authentication-keeper.ts"
import { CleanCache } from "./clean-cache.ts"
import { KnownDomains } from "./known-domains.ts"
import { MailCleaner } from "./mail-cleaner.ts"
import { warningsOf } from "./sender-warnings.ts"

/** Who says to have written a mail, and how we know it. */
export interface SenderClaim {
  readonly sender: Mailbox
  readonly replyTo: readonly Mailbox[]
  /** From a mailing list or newsletter. */
  readonly list: boolean
  /** Its id in the archive; null where it did not come through us. */
  readonly messageId: string | null
}

/** HTML to be read. `key` names a mail that never changes; `pictures`: those that lie in it, as of `ownPictures`. */
export interface HtmlSource {
  readonly key: string
  readonly html: string
  readonly pictures: ReadonlyMap<string, string>
}

export interface HtmlChoice {
  readonly pictures: boolean
  readonly dark: boolean
  /** All of it, however long. */
  readonly whole?: boolean
}

/** Of longer HTML the beginning is shown first, characters: the page around it would stand still while more is laid out. */
const shownFirst = 600_000

/** Whether only the beginning of it is shown at first. */
export function isLong({ html }: HtmlSource): boolean {
  return html.length > shownFirst
}

/** As much of HTML as is shown at first; it does not end within a tag. */
function beginningOf(html: string): string {
  const cut = html.slice(0, shownFirst)
  return cut.lastIndexOf("<") > cut.lastIndexOf(">") ? cut.slice(0, cut.lastIndexOf("<")) : cut
}

const keyName = "picture-key"
/** So long a mail that says to be from a trusted sender waits until that is checked, milliseconds. */
const trustPatience = 1_500

/** What reading a mail needs, wherever it lies: judged senders, cleaned HTML. One for the whole API. */
export class Reading {
  readonly #database: Database
  readonly #domains: ApiDependencies["domains"]
  readonly #keeper: AuthenticationKeeper
  readonly #known: KnownDomains
  readonly #cleaned = new CleanCache()
  readonly #cleaner = new MailCleaner()
  readonly #cleaning = new Map<string, Promise<SafeHtml>>()
  #key: Promise<Buffer> | undefined

  constructor({ database, domains, bodies, log, nameServers }: Pick<ApiDependencies, "database" | "domains" | "bodies" | "log" | "nameServers">) {
    this.#database = database
    this.#domains = domains
    this.#keeper = new AuthenticationKeeper({ database, bodies, log, nameServers })
    this.#known = new KnownDomains(database)
  }

  /** What the reader is told about a sender. Waits for the name service only where pictures depend on it, and not for long. */
  async judge(user: UserDocument, claim: SenderClaim): Promise<Pick<ReadableMail, "authentication" | "warnings" | "senderTrusted">> {
    const [message, settings, knownDomains] = await Promise.all([
      claim.messageId === null ? null : this.#database.messages.findOne({ _id: claim.messageId }, { projection: cameByProjection }),
      this.#database.mailSettings.findOne({ _id: user._id }, { projection: { "settings.trustedSenders": 1 } }),
      this.#known.of(user, performance.now()),
    ])
    const domains = this.#domains.all()
    const fromInside = message ? cameFromInside(message, domains) : false
    const sender = canonicalAddress(claim.sender.address)
    const trusted = sender !== undefined && (settings?.settings.trustedSenders ?? []).includes(sender)
    const authentication: Authentication | null = message && !fromInside ? await this.#keeper.soon(message, performance.now(), trusted ? trustPatience : 0) : null
    return {
      authentication,
      // Without a message of ours nobody knows how it came: a draft, or what a mail client put there.
      warnings: message ? warningsOf({ ...claim, ownDomains: domains.map(({ _id }) => _id), knownDomains, fromInside, authentication }) : [],
      // Who only pretends to be trusted learns nothing.
      senderTrusted: trusted && authentication?.result !== "fail",
    }
  }

  /** Cleaned HTML, made once; with pictures from outside through our own proxy where they are wanted. */
  async clean(user: UserDocument, source: HtmlSource, { pictures, dark, whole = false }: HtmlChoice): Promise<SafeHtml> {
    const key = pictures ? await this.pictureKey() : undefined
    const cut = !whole && isLong(source)
    const name = `${source.key}|${dark ? "dark" : ""}|${key ? user._id : ""}|${cut ? "cut" : ""}`
    const known = this.#cleaned.find(name)
    if (known) return known
    const order = { html: cut ? beginningOf(source.html) : source.html, pictures: source.pictures, dark, remote: key && { key, user: user._id } }
    // Two that ask at once for the same large mail wait for one cleaning.
    const made = this.#cleaning.get(name) ?? this.#cleaner.clean(order).finally(() => this.#cleaning.delete(name))
    this.#cleaning.set(name, made)
    return this.#cleaned.keep(name, await made)
  }

  /** The secret of this installation by which pictures are signed; the same on all nodes and after a restart. */
  pictureKey(): Promise<Buffer> {
    this.#key ??= this.#readKey().catch((error: unknown) => {
      this.#key = undefined
      throw error
    })
    return this.#key
  }

  async #readKey(): Promise<Buffer> {
    const stored = await this.#database.state.findOneAndUpdate({ _id: keyName }, { $setOnInsert: { value: randomBytes(32).toString("base64") } }, { upsert: true, returnDocument: "after" })
    return Buffer.from(String(stored?.value), "base64")
  }
}

