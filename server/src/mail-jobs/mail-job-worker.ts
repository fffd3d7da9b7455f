import { ObjectId } from "mongodb"
import type { Logger } from "../logger.ts"
import type { MailBatches } from "../mailbox/batches/mail-batches.ts"
import { TaskSlots } from "../mailbox/task-slots.ts"
import type { MailMarks, WildDuckApi } from "../mailbox/wildduck-api.ts"
import { WildDuckError } from "../mailbox/wildduck-error.ts"
import { WildDuckStore } from "../mailbox/wildduck-store.ts"
import { ClaimLoop } from "../store/claim-loop.ts"
import type { Database } from "../store/database.ts"
import type { MailJobDocument, MailJobPartDocument } from "../store/documents.ts"
import { partSize, type MailJobs } from "./mail-jobs.ts"

/** A mail that a job is about. */
export interface FoundMail {
  readonly folder: string
  readonly uid: number
  readonly root: string
}

/** What jobs need of the rest. */
export interface MailJobWorkerOptions {
  readonly database: Database
  readonly jobs: MailJobs
  readonly api: WildDuckApi
  /** For jobs of more than one part; without it WildDuck's API does them mail by mail. */
  readonly batches: Pick<MailBatches, "move" | "delete" | "stop"> | undefined
  /** The mails that the job's search finds, page by page. */
  readonly search: (job: MailJobDocument) => AsyncIterable<readonly FoundMail[]>
  readonly log: Logger
}

const atOnce = 3
const deletesAtOnce = 8
const maxMails = 1_000_000
const pageSize = 5_000
const maxAttempts = 60

/**
 * Does jobs part by part, on every node that may. Which mails a job is about is written down first, so that mail that
 * arrives meanwhile is never touched; a part that was begun before a crash is begun again, and what it had moved is
 * found in the target.
 */
export class MailJobWorker {
  readonly #options: MailJobWorkerOptions
  readonly #store: WildDuckStore
  readonly #slots = new TaskSlots(deletesAtOnce)
  readonly #loop: ClaimLoop<MailJobDocument>

  constructor(options: MailJobWorkerOptions) {
    this.#options = options
    this.#store = new WildDuckStore(options.database)
    this.#loop = new ClaimLoop({ claim: () => options.jobs.claim(), work: (job) => this.#work(job), atOnce, waits: "jobs wait for the database", log: options.log })
  }

  start(): void {
    this.#loop.start()
  }

  /** Looks for work at once. */
  nudge(): void {
    this.#loop.nudge()
  }

  /** Ends after the parts under way; the rest is done after the next start. */
  async stop(): Promise<void> {
    await this.#loop.stop()
    this.#options.batches?.stop()
  }

  async #work(claimed: MailJobDocument): Promise<void> {
    const { jobs, log } = this.#options
    let job: MailJobDocument | undefined = claimed
    try {
      if (job.state === "collecting") job = await this.#collect(job)
      while (job && this.#loop.started && job.nextPart < job.parts) job = await this.#doPart(job)
      if (job && job.nextPart >= job.parts) await jobs.finish(job, "done")
      else if (job) await jobs.putOff(job, 0)
    } catch (error) {
      const last = job ?? claimed
      const hopeless = (error instanceof WildDuckError && error.failure !== "temporary") || last.attempts >= maxAttempts
      log.warn({ error: String(error), job: last._id }, hopeless ? "a job on many mails cannot go on" : "a job on many mails goes on in a moment")
      await (hopeless ? jobs.finish(last, "failed") : jobs.putOff(last, Math.min(60_000, 2_000 * last.attempts))).catch(() => undefined)
    }
  }

  /** Writes down which mails it is about, newest first. */
  async #collect(job: MailJobDocument): Promise<MailJobDocument | undefined> {
    const { jobs, search } = this.#options
    const except = new Set((job.request.except ?? []).map(Number))
    const pending = new Map<string, MailJobPartDocument["mails"]>()
    let parts = 0
    let total = 0
    const put = (folder: string, mails: MailJobPartDocument["mails"]) => jobs.putPart({ job: job._id, n: parts++, folder, target: job.target, mails })
    for await (const page of (job.request.q ?? "").trim() === "" ? this.#wholeFolder(job) : search(job)) {
      for (const { folder, uid, root } of page) {
        if (except.has(uid) || folder === job.target || total >= maxMails) continue
        const mails = pending.get(folder) ?? []
        mails.push({ uid, root })
        total++
        pending.set(folder, mails.length < partSize ? mails : [])
        if (mails.length >= partSize) await put(folder, mails)
      }
      if (!(await jobs.advance(job, { total }))) return undefined
    }
    for (const [folder, mails] of pending) if (mails.length > 0) await put(folder, mails)
    return jobs.advance(job, { state: "running", total, parts })
  }

  async *#wholeFolder({ request, target }: MailJobDocument): AsyncGenerator<readonly FoundMail[]> {
    const rows: FoundMail[] = []
    const filter = { mailbox: ObjectId.createFromHexString(request.folder), ...(request.unseen ? { unseen: true } : {}) }
    // Only moving needs to look at the mails themselves.
    for await (const { uid, root } of this.#store.messages.find(filter, { projection: { _id: 0, uid: 1, ...(target === null ? {} : { root: 1 }) } }).sort({ uid: -1 })) {
      rows.push({ folder: request.folder, uid, root: target === null ? "" : root.toHexString() })
      if (rows.length >= pageSize) yield rows.splice(0)
    }
    yield rows
  }

  async #doPart(job: MailJobDocument): Promise<MailJobDocument | undefined> {
    const { jobs, api } = this.#options
    const part = await jobs.part(job, job.nextPart)
    const uids = part?.mails.map(({ uid }) => uid) ?? []
    if (part && part.target !== null) await this.#move(job, part, part.target)
    else if (part && (job.request.action === "delete" || job.request.action === "trash")) await this.#delete(job, part, uids)
    else if (part) await api.change(job.account, part.folder, uids, marksOf(job.request.action))
    return jobs.advance(job, { nextPart: job.nextPart + 1, done: job.done + uids.length })
  }

  async #move(job: MailJobDocument, part: MailJobPartDocument, target: string): Promise<void> {
    const { jobs, api } = this.#options
    const before = part.targetFrom === null ? [] : await this.#movedBefore(part, target, part.targetFrom)
    const after = part.targetFrom ?? (await this.#highest(target))
    if (part.targetFrom === null) await jobs.changePart(part, { targetFrom: after })
    const known = new Set(before.map(([uid]) => uid))
    const uids = part.mails.map(({ uid }) => uid)
    // What was stored in the target and not yet taken from here is brought to its end by the batch.
    const moved = await (this.#batches(job, part)?.move(job.account, part.folder, uids, target, after) ?? api.change(job.account, part.folder, uids.filter((uid) => !known.has(uid)), { moveTo: target }))
    await jobs.changePart(part, { moved: [...new Map([...before, ...moved])] })
  }

  /** A single part is done before a process for it would have started. */
  #batches(job: MailJobDocument, part: MailJobPartDocument): MailJobWorkerOptions["batches"] {
    return job.total > partSize || part.targetFrom !== null ? this.#options.batches : undefined
  }

  /** What this part had moved before it was interrupted. */
  async #movedBefore(part: MailJobPartDocument, target: string, from: number): Promise<[number, number][]> {
    const roots = new Map(part.mails.map(({ uid, root }) => [root, uid]))
    const mailbox = ObjectId.createFromHexString(target)
    const found = await this.#store.messages.find({ mailbox, uid: { $gt: from } }, { projection: { uid: 1, root: 1 } }).toArray()
    return found.flatMap(({ uid, root }): [number, number][] => {
      const before = roots.get(root.toHexString())
      return before === undefined ? [] : [[before, uid]]
    })
  }

  async #highest(folder: string): Promise<number> {
    const [last] = await this.#store.messages.find({ mailbox: ObjectId.createFromHexString(folder) }, { projection: { uid: 1 } }).sort({ uid: -1 }).limit(1).toArray()
    return last?.uid ?? 0
  }

  async #delete(job: MailJobDocument, part: MailJobPartDocument, uids: readonly number[]): Promise<void> {
    const batches = this.#batches(job, part)
    if (batches) await batches.delete(job.account, part.folder, uids)
    else await Promise.all(uids.map((uid) => this.#slots.run(() => this.#options.api.delete(job.account, part.folder, uid))))
  }
}

function marksOf(action: MailJobDocument["request"]["action"]): MailMarks {
  if (action === "seen" || action === "unseen") return { seen: action === "seen" }
  return { flagged: action === "flag" }
}
