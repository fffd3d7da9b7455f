import { Readable } from "node:stream"
import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { plainFileName } from "@lifeboat/shared/hidden-characters"
import { UploadQuery, Uploaded } from "@lifeboat/shared/schemas/outgoing"
import { safeType } from "../../outgoing/compose.ts"
import { attachmentRoom } from "../../outgoing/mail-size.ts"
import type { Uploads } from "../../outgoing/uploads.ts"
import type { UploadDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { attachmentHeaders, isDrawable } from "../mail-parts.ts"

const UploadParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

/** Files for mails being written. Their bytes come as they are, of any type, and are written while they arrive. */
export function uploadRoutes(root: App, { config }: ApiDependencies, uploads: Uploads): void {
  const limit = attachmentRoom(config.limits.messageBytes)

  void root.register((app: App, _options, done) => {
    app.removeAllContentTypeParsers()
    app.addContentTypeParser("*", (_request, payload, parsed) => parsed(null, payload))

    app.post("/api/mail/uploads", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Keep a file for a mail; the body is the file", querystring: UploadQuery, response: { 201: Uploaded } } }, async (request, reply) => {
      const declared = Number(request.headers["content-length"] ?? 0)
      if (declared > limit) throw new ApiError("too-large")
      const contentType = safeType((request.headers["content-type"] ?? "").split(";")[0] ?? "")
      const source: AsyncIterable<Uint8Array> = request.body instanceof Readable ? request.body.iterator({ destroyOnReturn: false }) : Readable.from([])
      try {
        const upload = await uploads.keep({ user: userOf(request)._id, name: cleanName(request.query.name), contentType, source, limit })
        return await reply.code(201).send(view(upload))
      } finally {
        // A refusal is read only by those who may finish sending.
        request.raw.resume()
      }
    })
    done()
  })

  root.get("/api/mail/uploads/:id", { config: { access: "user" }, schema: { tags: ["mail"], summary: "An uploaded file", params: UploadParams } }, async (request, reply) => {
    const upload = await uploads.find(userOf(request)._id, request.params.id)
    return attachmentHeaders(reply, upload.name, upload.contentType, isDrawable(upload.contentType)).header("content-length", upload.size).send(Readable.from(uploads.bytes(upload)))
  })

  root.delete("/api/mail/uploads/:id", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Throw an uploaded file away", params: UploadParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const upload = await uploads.find(userOf(request)._id, request.params.id)
    await uploads.remove(upload.user, [upload._id])
    return reply.code(204).send(null)
  })
}

function view({ _id, name, contentType, size }: UploadDocument): Uploaded {
  return { id: _id, name, contentType, size }
}

/** A file's name without what breaks lines or paths, or deceives. */
function cleanName(name: string): string {
  return plainFileName(name).replace(/[/\\]+/g, " ").trim() || "file"
}
