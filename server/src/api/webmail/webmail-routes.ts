import type { App } from "../app.ts"
import type { ApiDependencies } from "../dependencies.ts"
import type { EventStreams } from "../event-stream.ts"
import type { Reading } from "../reading/reading.ts"
import { fileRoutes } from "./file-routes.ts"
import { folderRoutes } from "./folder-routes.ts"
import { listRoutes } from "./list-routes.ts"
import { Mailboxes } from "./mailboxes.ts"
import { messageRoutes } from "./message-routes.ts"
import { readRoutes } from "./read-routes.ts"
import { draftRoutes } from "./draft-routes.ts"
import { outboxRoutes } from "./outbox-routes.ts"
import { outgoingMails } from "./outgoing.ts"
import { sendRoutes } from "./send-routes.ts"
import { settingsRoutes } from "./settings-routes.ts"
import { statusRoutes } from "./status-routes.ts"
import { uploadRoutes } from "./upload-routes.ts"

/** The webmail (F1, F3, F5): every call is about the caller's own mailbox. */
export function webmailRoutes(app: App, deps: ApiDependencies, streams: EventStreams, reading: Reading): void {
  const mailboxes = new Mailboxes(deps)
  statusRoutes(app, deps, mailboxes, streams)
  folderRoutes(app, mailboxes)
  listRoutes(app, deps, mailboxes)
  messageRoutes(app, deps, mailboxes)
  readRoutes(app, deps.database, mailboxes, reading)
  const outgoing = outgoingMails(deps, mailboxes)
  fileRoutes(app, deps, mailboxes, reading, outgoing)
  sendRoutes(app, deps, outgoing)
  draftRoutes(app, outgoing)
  outboxRoutes(app, outgoing)
  uploadRoutes(app, deps, outgoing.uploads)
  settingsRoutes(app, deps)
  app.addHook("onReady", () => Promise.resolve(outgoing.worker.start()))
  app.addHook("onClose", () => outgoing.worker.stop())
}
