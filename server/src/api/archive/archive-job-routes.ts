import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { mostFound } from "@lifeboat/shared/archive-limits"
import { ArchiveFilter, ArchiveFound, RedeliveryJob, RedeliveryJobCreate } from "@lifeboat/shared/schemas/archive"
import { ListOf } from "@lifeboat/shared/schemas/list"
import { redeliveryJobView, RedeliveryJobs } from "../../mail-jobs/redelivery-jobs.ts"
import { RedeliveryWorker } from "../../mail-jobs/redelivery-worker.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { allFound, archiveSearch } from "./archive-filter.ts"

const JobParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

/** All that a filter finds in the archive: how many, and "deliver again" for every one of them, done by the server. */
export function archiveJobRoutes(app: App, deps: ApiDependencies): void {
  const { database, log } = deps
  const jobs = new RedeliveryJobs(database)
  const worker = new RedeliveryWorker({ ...deps, jobs, search: (caller, job) => allFound(database, caller, job.filter), log })
  const count = async (caller: UserDocument, filter: ArchiveFilter): Promise<number> => {
    let found = 0
    for await (const page of allFound(database, caller, filter)) if ((found += page.length) > mostFound) return mostFound + 1
    return found
  }

  app.get("/api/archive/count", { config: { access: "user" }, schema: { tags: ["archive"], summary: "How many mails a filter finds", querystring: ArchiveFilter, response: { 200: ArchiveFound } } }, async (request) => {
    const caller = userOf(request)
    const now = database.now().toISOString()
    const until = [request.query.to ?? "", now].filter((time) => time !== "").toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? now
    const filter = { ...request.query, to: until }
    const total = await count(caller, filter)
    const sent = filter.part === "sent" ? total : filter.part === "received" ? 0 : await count(caller, { ...filter, part: "sent" })
    return { total, sent, until: new Date(until).toISOString() }
  })

  app.post("/api/archive/jobs", { config: { access: "user" }, schema: { tags: ["archive"], summary: "Deliver all again that a filter finds", body: RedeliveryJobCreate, response: { 201: RedeliveryJob } } }, async (request, reply) => {
    const caller = userOf(request)
    const filter = { ...request.body.filter, to: request.body.filter.to ?? database.now().toISOString() }
    archiveSearch(caller, filter)
    if ((await count(caller, filter)) > mostFound) throw new ApiError("too-many-found")
    const job = await jobs.create(caller._id, filter)
    worker.nudge()
    return reply.code(201).send(redeliveryJobView(job))
  })

  app.get("/api/archive/jobs", { config: { access: "user" }, schema: { tags: ["archive"], summary: "The caller's jobs of the last day", response: { 200: ListOf(RedeliveryJob) } } }, async (request) => ({ items: (await jobs.list(userOf(request)._id)).map(redeliveryJobView), next: null }))

  app.get("/api/archive/jobs/:id", { config: { access: "user" }, schema: { tags: ["archive"], summary: "How far it is", params: JobParams, response: { 200: RedeliveryJob } } }, async (request) => redeliveryJobView(await jobs.find(userOf(request)._id, request.params.id)))

  app.delete("/api/archive/jobs/:id", { config: { access: "user" }, schema: { tags: ["archive"], summary: "Stop it where it is", params: JobParams, response: { 200: RedeliveryJob } } }, async (request) => redeliveryJobView(await jobs.stop(userOf(request)._id, request.params.id)))

  app.addHook("onReady", () => {
    worker.start()
    return Promise.resolve()
  })
  app.addHook("onClose", () => worker.stop())
}
