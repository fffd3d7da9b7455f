import { MailJobWorker } from "../../mail-jobs/mail-job-worker.ts"
import { MailJobs } from "../../mail-jobs/mail-jobs.ts"
import type { App } from "../app.ts"
import type { ApiDependencies } from "../dependencies.ts"
import type { EventStreams } from "../event-stream.ts"
import type { Reading } from "../reading/reading.ts"
import { bulkRoutes } from "./bulk-routes.ts"
import { contactRoutes } from "./contact-routes.ts"
import { draftRoutes } from "./draft-routes.ts"
import { fileRoutes } from "./file-routes.ts"
import { folderRoutes } from "./folder-routes.ts"
import { jobRoutes } from "./job-routes.ts"
import { jobSearch } from "./job-search.ts"
import { listRoutes } from "./list-routes.ts"
import { MailChanges } from "./mail-changes.ts"
import { Mailboxes } from "./mailboxes.ts"
import { messageRoutes } from "./message-routes.ts"
import { outboxRoutes } from "./outbox-routes.ts"
import { outgoingMails } from "./outgoing.ts"
import { readRoutes } from "./read-routes.ts"
import { sendRoutes } from "./send-routes.ts"
import { settingsRoutes } from "./settings-routes.ts"
import { statusRoutes } from "./status-routes.ts"
import { uploadRoutes } from "./upload-routes.ts"

/** The webmail (F1, F3, F5): every call is about the caller's own mailbox. */
export function webmailRoutes(app: App, deps: ApiDependencies, streams: EventStreams, reading: Reading): void {
  const mailboxes = new Mailboxes(deps)
  const changes = new MailChanges(deps.database, deps.log)
  const outgoing = outgoingMails(deps, mailboxes)
  const jobs = new MailJobs(deps.database)
  const { database, mailbox, log } = deps
  const worker = mailbox && new MailJobWorker({ database, jobs, api: mailbox.api, search: jobSearch(deps, mailboxes), log })
  statusRoutes(app, deps, mailboxes, streams, changes)
  folderRoutes(app, mailboxes)
  listRoutes(app, deps, mailboxes)
  messageRoutes(app, deps, mailboxes)
  bulkRoutes(app, mailboxes)
  jobRoutes(app, mailboxes, jobs, () => worker?.nudge())
  readRoutes(app, deps.database, mailboxes, reading)
  fileRoutes(app, deps, mailboxes, reading, outgoing)
  sendRoutes(app, deps, outgoing)
  draftRoutes(app, outgoing)
  outboxRoutes(app, outgoing)
  uploadRoutes(app, deps, outgoing.uploads)
  contactRoutes(app, deps)
  settingsRoutes(app, deps)
  app.addHook("onReady", () => {
    outgoing.worker.start()
    worker?.start()
    return Promise.resolve()
  })
  app.addHook("onClose", async () => {
    await Promise.all([outgoing.worker.stop(), worker?.stop(), changes.close()])
  })
}
