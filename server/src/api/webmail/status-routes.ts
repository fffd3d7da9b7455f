import { setTimeout as sleep } from "node:timers/promises"
import { MailStatus } from "@lifeboat/shared/schemas/mail"
import { openStates } from "@lifeboat/shared/delivery-state"
import { isCovered } from "../../identity/covered.ts"
import { jobView } from "../../mail-jobs/mail-jobs.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import type { EventStream, EventStreams } from "../event-stream.ts"
import type { Mailboxes } from "./mailboxes.ts"
import type { MailChanges } from "./mail-changes.ts"
import { outageOf } from "./outage-status.ts"

const gatherMs = 250
const reconnectMs = 3_000
const countMs = 5_000

/** What the bar says (F5), and what is new, as it happens. */
export function statusRoutes(app: App, { database, domains, log }: ApiDependencies, mailboxes: Mailboxes, streams: EventStreams, changes: MailChanges): void {
  const statusOf = async (user: UserDocument): Promise<MailStatus> => {
    const domain = domains.get(user.domain)
    const open = { hop: `primary:${user.domain}` as const, user: user._id, state: { $in: [...openStates] } }
    return {
      domain: user.domain,
      mode: domain?.mode.mode ?? "normal",
      since: (domain?.mode.since ?? user.createdAt).toISOString(),
      forced: domain?.mode.forced ?? false,
      silent: domain?.mode.mode === "emergency" && domain.mode.reason !== "forced" && domain.mode.reason !== "released",
      mailbox: user.mailbox !== null || isCovered(domain, user),
      covered: isCovered(domain, user),
      waiting: domain ? await database.messages.countDocuments({ deliveries: { $elemMatch: open } }, { hint: "work", maxTimeMS: countMs }) : 0,
      outage: domain ? await outageOf(database, domain, user) : null,
    }
  }

  app.get("/api/mail/status", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Mode of the own domain and mails that wait", response: { 200: MailStatus } } }, async (request) => statusOf(userOf(request)))

  app.get("/api/mail/stream", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Server-sent events: `mailbox` when something changed there, `mode` with the new mode, `job` with how far one is, `outbox` when it changed" } }, async (request, reply) => {
    const user = userOf(request)
    await streams.open(request, reply, (stream) => {
      const ended = new AbortController()
      let told = domains.get(user.domain)?.mode
      const stopModes = domains.onChange((name, domain) => {
        if (name !== user.domain || !domain || (domain.mode.mode === told?.mode && domain.mode.forced === told.forced)) return
        told = domain.mode
        stream.send("mode", { domain: name, mode: told.mode, forced: told.forced, since: told.since.toISOString() })
      })
      const stopChanges = changes.listen(user._id, (change) => {
        if (change.kind === "outbox") return stream.send("outbox", {})
        void database.mailJobs.findOne({ _id: change.id }).then((job) => (job ? stream.send("job", jobView(job)) : undefined), () => undefined)
      })
      if (user.mailbox !== null || isCovered(domains.get(user.domain), user)) void followMailbox(user, stream, ended.signal)
      return () => {
        stopModes()
        stopChanges()
        ended.abort()
      }
    })
  })

  /** Passes on that something changed in the mailbox until the listener is gone; opens the source again when it ends. */
  const followMailbox = async (user: UserDocument, stream: EventStream, ended: AbortSignal): Promise<void> => {
    let timer: NodeJS.Timeout | undefined
    const changed = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        if (!ended.aborted) stream.send("mailbox", {})
      }, gatherMs)
    }
    while (!ended.aborted) {
      try {
        const { api, account } = await mailboxes.open(user)
        const updates = await api.updates(account, ended)
        // What happened before anybody listened is not told again: a list may be older than that.
        changed()
        const decoder = new TextDecoder()
        for await (const chunk of updates) if (/^data:/m.test(decoder.decode(chunk, { stream: true }))) changed()
      } catch (error) {
        if (!ended.aborted) log.debug({ error: String(error) }, "mailbox updates are interrupted")
      }
      await sleep(reconnectMs, undefined, { signal: ended }).catch(() => undefined)
    }
    clearTimeout(timer)
  }
}
