import type { Readable } from "node:stream"
import type { FastifyReply } from "fastify"
import { safeFileName } from "./parts/file-names.ts"

/** Pictures that browsers draw without any danger; everything else is only ever downloaded. */
const drawable = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"])

export function isDrawable(contentType: string): boolean {
  return drawable.has(contentType.toLowerCase())
}

/** Headers of a stranger's file: always a download, except pictures that browsers draw safely; never sniffed, never run. Its name is one that every file system takes: not every program that saves it looks. */
export function attachmentHeaders(reply: FastifyReply, fullName: string, contentType: string, inline: boolean): FastifyReply {
  const name = safeFileName(fullName, "attachment")
  const shown = inline && isDrawable(contentType)
  const plain = name.replace(/[^\x20-\x7e]|%/g, "_")
  return reply
    .header("content-type", /^[\w.+-]+\/[\w.+-]+$/.test(contentType) ? contentType : "application/octet-stream")
    .header("content-disposition", `${shown ? "inline" : "attachment"}; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`)}`)
    .header("content-security-policy", "default-src 'none'; sandbox")
    .header("x-content-type-options", "nosniff")
    .header("cache-control", "private, max-age=3600")
    // Signed out, or another person signed in: what the browser kept is not for them.
    .header("vary", "cookie")
}

/** Answers a mail as it is on the wire, as a download. */
export function sendRaw(reply: FastifyReply, id: string, source: Readable | Buffer): FastifyReply {
  return attachmentHeaders(reply, `${id}.eml`, "message/rfc822", false).send(source)
}
