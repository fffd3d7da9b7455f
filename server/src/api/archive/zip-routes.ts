import { ApiError } from "@lifeboat/shared/api-errors"
import { Type } from "typebox"
import { mailsInReach } from "../../archive/search.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { sendZip } from "../parts/zip.ts"

const maxMails = 200
const ZipQuery = Type.Object({ ids: Type.String({ minLength: 1, maxLength: maxMails * 65, description: "Up to 200 ids, with commas between them" }) })

/** Several archived mails as one file. Bodies are read one after the other, as fast as the reader takes them. */
export function archiveZipRoutes(app: App, { database, bodies, log }: ApiDependencies): void {
  app.get("/api/archive/zip", { config: { access: "user" }, schema: { tags: ["archive"], summary: "Several mails as .eml in one zip", querystring: ZipQuery } }, async (request, reply) => {
    const ids = [...new Set(request.query.ids.split(",").filter((id) => id !== ""))]
    if (ids.length === 0 || ids.length > maxMails) throw new ApiError("invalid", `Name 1 to ${maxMails} mails.`)
    const found = await database.messages.find({ $and: [{ _id: { $in: ids }, hasBody: true }, mailsInReach(userOf(request))] }, { projection: { receivedAt: 1, "summary.subject": 1 } }).sort({ _id: 1 }).toArray()
    if (found.length === 0) throw new ApiError("not-found")
    return sendZip(reply, "mails.zip", found.map(({ _id, receivedAt, summary }) => ({ name: entryName(receivedAt, summary.subject, _id), date: receivedAt, open: () => bodies.open(_id) })), log)
  })
}

/** The name of a mail in the zip: its day, what of its subject every file system takes, and its id, which makes it unique. */
export function entryName(receivedAt: Date, subject: string, id: string): string {
  const plain = subject.normalize("NFC").toWellFormed().replace(/[^\p{L}\p{N} ._-]+/gu, " ").replace(/\s+/g, " ").replace(/^[. ]+|[. ]+$/g, "")
  return `${receivedAt.toISOString().slice(0, 10)} ${[...plain].slice(0, 60).join("").trim() || "-"} ${id}.eml`
}
