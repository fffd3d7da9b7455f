import { Readable } from "node:stream"
import { plainFileName } from "@lifeboat/shared/hidden-characters"
import type { Attachment } from "@lifeboat/shared/schemas/mail"
import { isDrawable } from "../mail-parts.ts"
import { shortened } from "./file-names.ts"
import { previewOf, typeOf } from "./part-kind.ts"

/** Names that are longer are cut, characters. */
const maxName = 255

/** A file of a mail, wherever the mail lies and whatever the file lay in. */
export interface MailPart {
  /** Unique in its mail; a file within another is `<outer>~<n>`. */
  readonly id: string
  readonly name: string
  /** Lower case, without parameters; never one that says nothing where the name says more. */
  readonly contentType: string
  readonly charset: string | undefined
  /** Bytes. */
  readonly size: number
  /** Belongs to the HTML, which may show it. */
  readonly related: boolean
  /** Content-ID without brackets. */
  readonly cid: string | undefined
  /** Its bytes; undefined where there are more than `limit`. */
  read(limit: number): Promise<Buffer | undefined>
  /** Its bytes as they come. */
  open(): Promise<Readable>
}

/** All that there is to know of a part but its bytes. */
export interface PartHead {
  readonly id: string
  readonly name: string
  readonly contentType: string
  readonly charset?: string | undefined
  readonly size: number
  readonly related?: boolean
  readonly cid?: string | null | undefined
}

export function partOf(head: PartHead, source: Pick<MailPart, "read" | "open">): MailPart {
  const { id, size, related = false } = head
  const name = shortened(plainFileName(head.name), maxName)
  return { id, name, size, related, contentType: typeOf(head.contentType, name), charset: head.charset, cid: head.cid?.trim().replace(/^<|>$/g, "") || undefined, read: (limit) => source.read(limit), open: () => source.open() }
}

/** A part whose bytes are here. */
export interface PartInMemory extends MailPart {
  readonly content: Buffer
}

export function partInMemory(head: Omit<PartHead, "size">, content: Buffer): PartInMemory {
  const part = partOf({ ...head, size: content.length }, {
    read: (limit) => Promise.resolve(content.length > limit ? undefined : content),
    open: () => Promise.resolve(Readable.from([content], { objectMode: false })),
  })
  return { ...part, content }
}

export function partView({ id, name, contentType, size, related }: MailPart): Attachment {
  return { id, name, contentType, size, inline: related && isDrawable(contentType), preview: previewOf(contentType, name) }
}

/** The first `limit` bytes of a part, and whether there are more. */
export async function readStart(part: MailPart, limit: number): Promise<{ bytes: Buffer; truncated: boolean }> {
  const chunks: Buffer[] = []
  let size = 0
  const stream = await part.open()
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array)
    chunks.push(bytes)
    size += bytes.length
    if (size > limit) break
  }
  const bytes = Buffer.concat(chunks)
  return { bytes: bytes.subarray(0, limit), truncated: bytes.length > limit }
}
