import { ApiError } from "@lifeboat/shared/api-errors"
import { mostFound } from "@lifeboat/shared/archive-limits"
import type { Logger } from "../logger.ts"
import { ClaimLoop } from "../store/claim-loop.ts"
import type { RedeliveryJobDocument, UserDocument } from "../store/documents.ts"
import { redeliverMail, type RedeliveryParts } from "./redeliver-mail.ts"
import type { RedeliveryJobs } from "./redelivery-jobs.ts"

/** What the worker needs of the rest. */
export interface RedeliveryWorkerOptions extends RedeliveryParts {
  readonly jobs: RedeliveryJobs
  /** The mails that a job's filter finds for its user, page by page. Throws ApiError. */
  readonly search: (caller: UserDocument, job: RedeliveryJobDocument) => AsyncIterable<readonly { readonly _id: string }[]>
  readonly log: Logger
}

const step = 20
const maxAttempts = 60

/**
 * Works jobs of the archive off, on every node with the API. Which mails a job is about is written down first; then they
 * are delivered again step by step. A step that a crash interrupted is done again: the deliveries know their job.
 */
export class RedeliveryWorker {
  readonly #options: RedeliveryWorkerOptions
  readonly #loop: ClaimLoop<RedeliveryJobDocument>

  constructor(options: RedeliveryWorkerOptions) {
    this.#options = options
    this.#loop = new ClaimLoop({ claim: () => options.jobs.claim(), work: (job) => this.#work(job), atOnce: 2, waits: "jobs of the archive wait for the database", log: options.log })
  }

  start(): void {
    this.#loop.start()
  }

  /** Looks for work at once. */
  nudge(): void {
    this.#loop.nudge()
  }

  /** Ends after the steps under way; the rest is done after the next start. */
  stop(): Promise<void> {
    return this.#loop.stop()
  }

  async #work(job: RedeliveryJobDocument): Promise<void> {
    const { database, jobs, log, search } = this.#options
    try {
      const caller = await database.users.findOne({ _id: job.user })
      if (!caller) return await jobs.finish(job, "failed")
      if (job.state === "collecting") {
        for await (const page of search(caller, job)) if (job.ids.push(...page.map(({ _id }) => _id)) >= mostFound) break
        job.ids.length = Math.min(job.ids.length, mostFound)
        if (!(await jobs.advance(job, { state: "running", ids: job.ids, total: job.ids.length }))) return
      }
      while (this.#loop.started && job.next < job.ids.length) if (!(await this.#step(job, caller))) return
      await (job.next >= job.ids.length ? jobs.finish(job, "done") : jobs.putOff(job, 0))
    } catch (error) {
      const hopeless = error instanceof ApiError || job.attempts >= maxAttempts
      log.warn({ error: String(error), job: job._id }, hopeless ? "a job of the archive cannot go on" : "a job of the archive goes on in a moment")
      await (hopeless ? jobs.finish(job, "failed") : jobs.putOff(job, Math.min(60_000, 2_000 * job.attempts))).catch(() => undefined)
    }
  }

  /** Some mails; false where the job was stopped. Throws where nothing can be said about one of them right now. */
  async #step(job: RedeliveryJobDocument, caller: UserDocument): Promise<boolean> {
    const ids = job.ids.slice(job.next, job.next + step)
    const problems = (await Promise.all(ids.map((id) => this.#redeliver(job, caller, id)))).filter((code) => code !== undefined)
    for (const code of problems) job.failures[code] = (job.failures[code] ?? 0) + 1
    job.next += ids.length
    job.done += ids.length - problems.length
    return this.#options.jobs.advance(job, { next: job.next, done: job.done, failures: job.failures })
  }

  async #redeliver(job: RedeliveryJobDocument, caller: UserDocument, id: string): Promise<string | undefined> {
    try {
      await redeliverMail(this.#options, caller, id, job._id)
      return undefined
    } catch (error) {
      if (error instanceof ApiError) return error.code
      throw error
    }
  }
}
