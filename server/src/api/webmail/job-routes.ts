import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { MailJob, MailJobCreate } from "@lifeboat/shared/schemas/mail-job"
import { jobView, type MailJobs } from "../../mail-jobs/mail-jobs.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import { specialUseOf, type Mailboxes } from "./mailboxes.ts"

const JobParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

/** Actions on all mails of a folder or a search, done by the server. `started`: somebody should begin. */
export function jobRoutes(app: App, mailboxes: Mailboxes, jobs: MailJobs, started: () => void): void {
  app.post("/api/mail/jobs", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Do something to all mails of a folder or a search", body: MailJobCreate, response: { 201: MailJob } } }, async (request, reply) => {
    const user = userOf(request)
    const mailbox = await mailboxes.openFolder(user, request.body.folder)
    const { folder } = mailbox
    const inTrash = specialUseOf(folder) === "trash"
    if (request.body.action === "move" && request.body.target === undefined) throw new ApiError("invalid", '"target" is missing.')
    // For good is only what lies in the trash or in junk.
    if (request.body.action === "delete" && !inTrash && specialUseOf(folder) !== "junk") throw new ApiError("invalid", "Mails are removed for good from the trash and from junk only.")
    const wanted = request.body.action === "move" ? request.body.target : request.body.action === "trash" && !inTrash ? "trash" : undefined
    const target = wanted === undefined ? null : (await mailboxes.folder(mailbox, (each) => each.id === wanted || specialUseOf(each) === wanted)).id
    if (target === folder.id) throw new ApiError("invalid", "The mails are in this folder already.")
    const job = await jobs.create(user._id, mailbox.account, { ...request.body, folder: folder.id }, target)
    started()
    return reply.code(201).send(jobView(job))
  })

  app.get("/api/mail/jobs/:id", { config: { access: "user" }, schema: { tags: ["mail"], summary: "How far it is", params: JobParams, response: { 200: MailJob } } }, async (request) => {
    return jobView(await jobs.find(userOf(request)._id, request.params.id))
  })

  app.delete("/api/mail/jobs/:id", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Stop it where it is", params: JobParams, response: { 200: MailJob } } }, async (request) => {
    return jobView(await jobs.stop(userOf(request)._id, request.params.id))
  })

  app.post("/api/mail/jobs/:id/undo", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Move back what it moved", params: JobParams, response: { 200: MailJob } } }, async (request) => {
    const user = userOf(request)
    const job = await jobs.find(user._id, request.params.id)
    await mailboxes.openFolder(user, job.request.folder)
    const undo = await jobs.undo(user._id, job._id)
    started()
    return jobView(undo)
  })
}
