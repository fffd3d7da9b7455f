import { ApiError } from "@lifeboat/shared/api-errors"
import type { Attachment } from "@lifeboat/shared/schemas/mail"
import type { Bodies } from "../../archive/bodies.ts"
import { isDrawable } from "../mail-parts.ts"
import { partView } from "../parts/mail-part.ts"
import { takeApart, type TakenApart } from "../parts/parse-mail.ts"

/** A mail of the archive taken apart for reading. */
export interface ParsedMail extends TakenApart {
  readonly attachments: readonly { readonly view: Attachment; readonly cid: string | undefined; readonly content: Buffer }[]
}

const maxAttachments = 200
const maxAtOnce = 2
const maxWaiting = 50

/** Reads mails of the archive, a few at a time. */
export class MailReader {
  readonly #bodies: Bodies
  readonly #waiting: (() => void)[] = []
  #active = 0

  constructor(bodies: Bodies) {
    this.#bodies = bodies
  }

  /** Throws `body-gone` where retention removed it, `unavailable` when too many wait. */
  async read(messageId: string): Promise<ParsedMail> {
    if (this.#waiting.length >= maxWaiting) throw new ApiError("unavailable")
    if (this.#active >= maxAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#active++
    try {
      const bytes = await this.#bodies.read(messageId)
      if (!bytes) throw new ApiError("body-gone")
      return await parse(bytes)
    } finally {
      this.#active--
      this.#waiting.shift()?.()
    }
  }
}

async function parse(bytes: Buffer): Promise<ParsedMail> {
  const mail = await takeApart(bytes)
  return { ...mail, attachments: mail.parts.slice(0, maxAttachments).map((part) => ({ view: partView(part), cid: part.cid, content: part.content })) }
}

/** The data address of a picture that lies in the mail itself, by the `src` that names it (RFC 2392). */
export function ownPicture(mail: ParsedMail): (src: string) => string | undefined {
  return (src) => {
    const cid = /^cid:(.+)$/i.exec(src)?.[1]
    if (cid === undefined) return undefined
    const found = mail.attachments.find((attachment) => attachment.cid === cid || attachment.cid === safeDecode(cid))
    return found && isDrawable(found.view.contentType) ? `data:${found.view.contentType.toLowerCase()};base64,${found.content.toString("base64")}` : undefined
  }
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
