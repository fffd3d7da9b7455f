import { lookup as systemLookup, type LookupAddress } from "node:dns"
import { Agent as HttpAgent, get as httpGet, type IncomingMessage, type RequestOptions } from "node:http"
import { Agent as HttpsAgent, get as httpsGet } from "node:https"
import { isIP, type BlockList, type LookupFunction } from "node:net"
import { pictureType } from "./picture-type.ts"
import { isRefused } from "./refused-network.ts"

/** A picture from outside. */
export interface Picture {
  readonly type: string
  readonly bytes: Buffer
}

/** Bounds of one picture; times in milliseconds. */
export interface PictureLimits {
  readonly bytes: number
  readonly totalMs: number
  readonly redirects: number
}

export const pictureLimits: PictureLimits = { bytes: 10_000_000, totalMs: 10_000, redirects: 3 }

/** Thrown where there is no picture to show; the message is for the log. */
export class NoPicture extends Error {}

/**
 * Fetches a picture without telling anything about who looks at it: no cookies, no referrer, no address of the user's.
 * Every connection, also after a redirect, is made to the very address that was found allowed, so that no name can
 * lead inside. The type is what the bytes are. Throws {@link NoPicture}.
 */
export async function fetchPicture(url: string, allowed: BlockList, limits: PictureLimits = pictureLimits): Promise<Picture> {
  const signal = AbortSignal.timeout(limits.totalMs)
  let next = url
  for (let hop = 0; hop <= limits.redirects; hop++) {
    const answer = await ask(next, allowed, signal)
    const { statusCode = 0, headers } = answer
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      answer.destroy()
      if (!URL.canParse(headers.location, next)) throw new NoPicture("It is moved to no address.")
      next = new URL(headers.location, next).href
      continue
    }
    try {
      if (statusCode !== 200) throw new NoPicture(`The server answered ${statusCode}.`)
      return await read(answer, limits.bytes, signal)
    } finally {
      answer.destroy()
    }
  }
  throw new NoPicture("It is moved too often.")
}

function ask(url: string, allowed: BlockList, signal: AbortSignal): Promise<IncomingMessage> {
  if (!URL.canParse(url)) throw new NoPicture("It is no address.")
  const { protocol, hostname, username, password } = new URL(url)
  if (!/^https?:$/.test(protocol)) throw new NoPicture("It is no web address.")
  if (username !== "" || password !== "") throw new NoPicture("It carries a password.")
  const literal = hostname.replace(/^\[|\]$/g, "")
  // A name is looked at once it is looked up; an address is not looked up.
  if (isIP(literal) && isRefused(literal, allowed)) throw new NoPicture("The address is private.")
  const options: RequestOptions = {
    // One connection for one picture: nothing of it is kept for the next.
    agent: protocol === "https:" ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false }),
    headers: { accept: "image/avif,image/webp,image/png,image/jpeg,image/gif", "accept-encoding": "identity", "user-agent": "Mozilla/5.0" },
    lookup: guardedLookup(allowed),
    maxHeaderSize: 16_384,
    signal,
  }
  return new Promise((resolve, reject) => {
    const request = (protocol === "https:" ? httpsGet : httpGet)(url, options, resolve)
    request.on("error", (error) => reject(error instanceof NoPicture ? error : new NoPicture(error.message)))
    request.on("socket", (socket) =>
      socket.once("connect", () => {
        if (isRefused(socket.remoteAddress ?? "", allowed)) socket.destroy(new NoPicture("The address is private."))
      }),
    )
  })
}

/** Looks a name up and gives only allowed addresses to the socket, so that nothing can change between looking and connecting. */
function guardedLookup(allowed: BlockList): LookupFunction {
  return (hostname, options, callback) => {
    systemLookup(hostname, { all: true, family: options.family ?? 0 }, (error, found: LookupAddress[]) => {
      const [first] = error ? [] : found
      if (error || !first) return callback(error ?? new NoPicture("The name leads nowhere."), "", 4)
      // One private address among public ones is somebody's trick.
      if (found.some(({ address }) => isRefused(address, allowed))) return callback(new NoPicture("The address is private."), "", 4)
      if (options.all === true) callback(null, found)
      else callback(null, first.address, first.family)
    })
  }
}

async function read(answer: IncomingMessage, limit: number, signal: AbortSignal): Promise<Picture> {
  if (Number(answer.headers["content-length"] ?? 0) > limit) throw new NoPicture("It is too large.")
  const chunks: Buffer[] = []
  let size = 0
  let type: string | undefined
  try {
    for await (const chunk of answer) {
      if (!Buffer.isBuffer(chunk)) continue
      signal.throwIfAborted()
      chunks.push(chunk)
      size += chunk.length
      if (size > limit) throw new NoPicture("It is too large.")
      if (type === undefined && size >= 16 && (type = pictureType(Buffer.concat(chunks))) === undefined) throw new NoPicture("It is no picture.")
    }
  } catch (error) {
    throw error instanceof NoPicture ? error : new NoPicture(error instanceof Error ? error.message : String(error))
  }
  const bytes = Buffer.concat(chunks)
  type ??= pictureType(bytes)
  if (type === undefined) throw new NoPicture("It is no picture.")
  return { type, bytes }
}
