import { MailJobWorker } from "../../mail-jobs/mail-job-worker.ts"
import { MailJobs } from "../../mail-jobs/mail-jobs.ts"
import { jobSearch } from "./job-search.ts"
import { Mailboxes } from "./mailboxes.ts"
import { outgoingMails, type OutgoingDependencies, type OutgoingMails } from "./outgoing.ts"

/** What the webmail goes on with by itself: mails that wait in the outbox, actions on many mails. */
export interface WebmailBackground {
  readonly outgoing: OutgoingMails
  readonly jobs: MailJobs
  /** Looks for jobs at once. */
  nudge(): void
  start(): void
  /** Finishes what is under way; the rest is gone on with by another node, or after the next start. */
  stop(): Promise<void>
}

/** Composes it; runs on every node with the role `api` or `delivery`. */
export function webmailBackground(deps: OutgoingDependencies, mailboxes = new Mailboxes(deps)): WebmailBackground {
  const { database, mailbox, log } = deps
  const outgoing = outgoingMails(deps, mailboxes)
  const jobs = new MailJobs(database)
  const worker = mailbox && new MailJobWorker({ database, jobs, api: mailbox.api, batches: mailbox.batches, search: jobSearch(deps, mailboxes), log })
  return {
    outgoing,
    jobs,
    nudge: () => worker?.nudge(),
    start: () => {
      outgoing.worker.start()
      worker?.start()
    },
    stop: async () => {
      await Promise.all([outgoing.worker.stop(), worker?.stop()])
    },
  }
}
