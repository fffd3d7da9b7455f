import type { Registry } from "prom-client"
import type { DemoChange, DemoMail, DemoView } from "@lifeboat/shared/schemas/demo"
import type { OutageView } from "@lifeboat/shared/schemas/archive"
import type { Bodies } from "../archive/bodies.ts"
import type { Acceptance, Incoming } from "../archive/incoming.ts"
import type { Config } from "../config.ts"
import type { ProbeResult } from "../delivery/probe.ts"
import type { SignIn } from "../identity/sign-in.ts"
import type { Sessions } from "../identity/sessions.ts"
import type { Users } from "../identity/users.ts"
import type { Logger } from "../logger.ts"
import type { MailBatches } from "../mailbox/batches/mail-batches.ts"
import type { WildDuckApi } from "../mailbox/wildduck-api.ts"
import type { Queue } from "../queue/queue.ts"
import type { RecipientCheck } from "../recipients/recipient-check.ts"
import type { Tracker } from "../tracking/tracker.ts"
import type { Database } from "../store/database.ts"
import type { DomainDocument, UserDocument } from "../store/documents.ts"

/** What the API needs of the other parts, as small as it can be: `app` passes the real ones. */
export interface ApiDependencies {
  readonly config: Config
  readonly log: Logger
  readonly database: Database
  readonly domains: DomainDirectory
  readonly sessions: Sessions
  readonly users: Users
  readonly signIn: SignIn
  readonly bodies: Bodies
  readonly queue: ApiQueue
  readonly tracker: Pick<Tracker, "track">
  readonly mail: MailIntake
  readonly continuity: ContinuityControl
  /** The mailbox store; undefined on nodes without one: the webmail answers `mailbox-unavailable`. */
  readonly mailbox: MailboxStore | undefined
  /** The sample company; undefined outside the demo. */
  readonly demo?: DemoControl | undefined
  /** Name servers (`address:port`) for looking at a domain's records; left out: those of the system. */
  readonly nameServers?: readonly string[]
  /** What every role of this node can and cannot do right now: name of the part → sentence when it cannot, or null. */
  readiness(): Promise<Readonly<Record<string, string | null>>>
  /** Metrics of the other parts; the API adds its own. */
  readonly metrics: Registry
  /** Folder with the built pages (`web/dist`), which may not exist. */
  readonly webFolder: string
}

/** The hosted domains in memory (`store/domain-cache`). */
export interface DomainDirectory {
  get(domain: string): DomainDocument | undefined
  all(): DomainDocument[]
  refresh(domain?: string): Promise<void>
  onChange(listener: (domain: string, document: DomainDocument | undefined) => void): () => void
}

/** What the API asks of the queue (`queue/queue` fits). */
export type ApiQueue = Pick<Queue, "change" | "count" | "retryNow">

/** The way in for mail that the webmail sends. */
export interface MailIntake {
  /** The check of recipients in hosted domains: the recipient, or the reply that refuses it. */
  readonly checkRecipient: RecipientCheck
  accept(incoming: Incoming): Promise<Acceptance>
}

/** What the API asks of the Continuity Service (`continuity/continuity`), and the probe of a primary. */
export interface ContinuityControl {
  /** Forces a mode, or releases the forced one (null). Throws ApiError where that is not possible. */
  force(domain: string, mode: "emergency" | "normal" | null, by: string): Promise<unknown>
  /** Takes in new settings of a domain at once: service, activation, primary, or who is covered. */
  settingsChanged(domain: string, by: string): Promise<void>
  /** The recovery report of one outage; undefined: there is no such outage of this domain. */
  outageReport(domain: string, outageId: string): Promise<OutageView | undefined>
  /** Tries mail again that the primary refused for good after an outage. Returns how many deliveries; throws `not-found` for a single one that does not wait. */
  releaseRefused(domain: string, choice: { readonly deliveryId: string } | "all"): Promise<number>
  /** Gives such mail up, with a report to its senders. Returns and throws the same. */
  failRefused(domain: string, choice: { readonly deliveryId: string } | "all"): Promise<number>
  /** Connects to a primary as the probe does. */
  probe(primary: NonNullable<DomainDocument["primary"]>): Promise<ProbeResult>
}

/** The mailbox store with its accounts (`mailbox/provisioning`). */
export interface MailboxStore {
  readonly api: WildDuckApi
  /** Moves and removes thousands of mails; without it that is slow. */
  readonly batches?: MailBatches | undefined
  /** The user's account, made or brought up to date where needed. */
  ensureMailbox(user: UserDocument): Promise<{ readonly id: string }>
}

/** The sample company of `npm run demo`. */
export interface DemoControl {
  view(): Promise<DemoView>
  change(change: DemoChange): Promise<DemoView>
  /** Mails in one mailbox of the sample server, newest first; undefined: no such mailbox. */
  mailbox(address: string): Promise<DemoMail[] | undefined>
}
