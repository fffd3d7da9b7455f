import type { App } from "../app.ts"
import type { ApiDependencies } from "../dependencies.ts"
import type { EventStreams } from "../event-stream.ts"
import type { Reading } from "../reading/reading.ts"
import { webmailBackground } from "./background.ts"
import { bulkRoutes } from "./bulk-routes.ts"
import { contactRoutes } from "./contact-routes.ts"
import { draftRoutes } from "./draft-routes.ts"
import { fileRoutes } from "./file-routes.ts"
import { folderRoutes } from "./folder-routes.ts"
import { jobRoutes } from "./job-routes.ts"
import { listRoutes } from "./list-routes.ts"
import { MailChanges } from "./mail-changes.ts"
import { Mailboxes } from "./mailboxes.ts"
import { messageRoutes } from "./message-routes.ts"
import { outboxRoutes } from "./outbox-routes.ts"
import { readRoutes } from "./read-routes.ts"
import { sendRoutes } from "./send-routes.ts"
import { settingsRoutes } from "./settings-routes.ts"
import { statusRoutes } from "./status-routes.ts"
import { uploadRoutes } from "./upload-routes.ts"

/** The webmail (F1, F3, F5): every call is about the caller's own mailbox. */
export function webmailRoutes(app: App, deps: ApiDependencies, streams: EventStreams, reading: Reading): void {
  const mailboxes = new Mailboxes(deps)
  const changes = new MailChanges(deps.database, deps.log)
  const background = webmailBackground(deps, mailboxes)
  const { outgoing, jobs } = background
  statusRoutes(app, deps, mailboxes, streams, changes)
  folderRoutes(app, mailboxes)
  listRoutes(app, deps, mailboxes)
  messageRoutes(app, deps, mailboxes)
  bulkRoutes(app, mailboxes)
  jobRoutes(app, mailboxes, jobs, () => background.nudge())
  readRoutes(app, deps.database, mailboxes, reading)
  fileRoutes(app, deps, mailboxes, reading, outgoing)
  sendRoutes(app, deps, outgoing)
  draftRoutes(app, outgoing)
  outboxRoutes(app, outgoing)
  uploadRoutes(app, deps, outgoing.uploads)
  contactRoutes(app, deps)
  settingsRoutes(app, deps)
  app.addHook("onReady", () => {
    background.start()
    return Promise.resolve()
  })
  app.addHook("onClose", async () => {
    await Promise.all([background.stop(), changes.close()])
  })
}
