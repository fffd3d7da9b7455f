import { ApiError } from "@lifeboat/shared/api-errors"
import { mostFound } from "@lifeboat/shared/archive-limits"
import { ArchiveFilter } from "@lifeboat/shared/schemas/archive"
import { Type } from "typebox"
import { mailsInReach } from "../../archive/search.ts"
import type { MessageDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { sendZip, type ZipEntry } from "../parts/zip.ts"
import { allFound } from "./archive-filter.ts"

const maxMails = 200
const ZipQuery = Type.Object({ ids: Type.String({ minLength: 1, maxLength: maxMails * 65, description: "Up to 200 ids, with commas between them" }) })
type Zipped = Pick<MessageDocument, "_id" | "receivedAt"> & { readonly summary: Pick<MessageDocument["summary"], "subject"> }

/** Several archived mails as one file. Bodies are read one after the other, as fast as the reader takes them. */
export function archiveZipRoutes(app: App, { database, bodies, log }: ApiDependencies): void {
  const entryOf = ({ _id, receivedAt, summary }: Zipped): ZipEntry => ({ name: entryName(receivedAt, summary.subject, _id), date: receivedAt, open: () => bodies.open(_id) })

  app.get("/api/archive/zip", { config: { access: "user" }, schema: { tags: ["archive"], summary: "Several mails as .eml in one zip", querystring: ZipQuery } }, async (request, reply) => {
    const ids = [...new Set(request.query.ids.split(",").filter((id) => id !== ""))]
    if (ids.length === 0 || ids.length > maxMails) throw new ApiError("invalid", `Name 1 to ${maxMails} mails.`)
    const found = await database.messages.find({ $and: [{ _id: { $in: ids }, hasBody: true }, mailsInReach(userOf(request))] }, { projection: { receivedAt: 1, "summary.subject": 1 } }).sort({ _id: 1 }).toArray()
    if (found.length === 0) throw new ApiError("not-found")
    return sendZip(reply, "mails.zip", found.map(entryOf), log)
  })

  app.get("/api/archive/zip/found", { config: { access: "user" }, schema: { tags: ["archive"], summary: "All mails that a filter finds as .eml in one zip", querystring: ArchiveFilter } }, async (request, reply) => {
    const found: Zipped[] = []
    // What retention has taken the text of is left out.
    for await (const page of allFound(database, userOf(request), request.query)) {
      const kept = await database.messages.find({ _id: { $in: page.map(({ _id }) => _id) }, hasBody: true }, { projection: { receivedAt: 1, "summary.subject": 1 } }).toArray()
      found.push(...kept)
      if (found.length > mostFound) throw new ApiError("too-many-found")
    }
    if (found.length === 0) throw new ApiError("not-found")
    return sendZip(reply, "mails.zip", found.map(entryOf), log)
  })
}

/** The name of a mail in the zip: its day, what of its subject every file system takes, and its id, which makes it unique. */
export function entryName(receivedAt: Date, subject: string, id: string): string {
  const plain = subject.normalize("NFC").toWellFormed().replace(/[^\p{L}\p{N} ._-]+/gu, " ").replace(/\s+/g, " ").replace(/^[. ]+|[. ]+$/g, "")
  return `${receivedAt.toISOString().slice(0, 10)} ${[...plain].slice(0, 60).join("").trim() || "-"} ${id}.eml`
}
