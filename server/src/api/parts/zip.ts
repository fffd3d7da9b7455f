import { Readable } from "node:stream"
import type { FastifyReply } from "fastify"
import { ZipFile } from "yazl"
import type { Logger } from "../../logger.ts"
import { attachmentHeaders } from "../mail-parts.ts"

/** A file of an archive; opened when its turn comes. Undefined: it is gone meanwhile, and stands there empty. */
export interface ZipEntry {
  readonly name: string
  readonly date: Date | undefined
  open(): Promise<Readable | undefined>
}

/** Compressed at about the speed that mail is read; more effort gains little. */
const compressionLevel = 3

/**
 * Answers files as one zip while it is made: one file after the other, as fast as the caller takes them, so that nothing
 * but a few buffers is in memory. What fails breaks the download off, so that nobody takes half for the whole; when the
 * caller leaves, the file being read is let go of.
 */
export function sendZip(reply: FastifyReply, name: string, entries: readonly ZipEntry[], log: Pick<Logger, "warn">): FastifyReply {
  const zip = new ZipFile()
  let current: Readable | undefined
  let left = false
  const fail = (error: unknown) => {
    if (left) return
    left = true
    log.warn({ error: String(error) }, "a zip broke off")
    current?.destroy()
    reply.raw.destroy()
  }
  reply.raw.on("close", () => {
    left = true
    if (!reply.raw.writableFinished) current?.destroy()
  })
  for (const entry of entries) {
    zip.addReadStreamLazy(entry.name, { ...(entry.date ? { mtime: entry.date } : {}), compressionLevel }, (give) => {
      if (left) return
      entry.open().then((stream = Readable.from([])) => {
        current = stream
        if (left) return stream.destroy()
        // The archive waits for an end that a broken stream never has.
        stream.once("error", fail)
        return give(null, stream)
      }, fail)
    })
  }
  zip.on("error", fail)
  zip.end()
  return attachmentHeaders(reply, name, "application/zip", false).header("cache-control", "private, no-store").send(zip.outputStream)
}
