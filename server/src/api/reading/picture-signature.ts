import { createHmac, timingSafeEqual } from "node:crypto"

/** Where a picture from outside is fetched through us. */
export const picturePath = "/api/mail/picture"

/** Longer addresses are not fetched, characters. */
export const maxPictureUrl = 4_000

/** The address of a picture through us, good for this user only; undefined for what is no web address. */
export function pictureLink(key: Buffer, user: string, url: string): string | undefined {
  if (url.length > maxPictureUrl || !URL.canParse(url)) return undefined
  const { protocol, href } = new URL(url)
  if (!/^https?:$/.test(protocol) || href.length > maxPictureUrl) return undefined
  return `${picturePath}?u=${encodeURIComponent(href)}&s=${signature(key, user, href)}`
}

/** Whether we made this address for this user. */
export function isSigned(key: Buffer, user: string, url: string, given: string): boolean {
  const wanted = Buffer.from(signature(key, user, url))
  const got = Buffer.from(given)
  return wanted.length === got.length && timingSafeEqual(wanted, got)
}

function signature(key: Buffer, user: string, url: string): string {
  return createHmac("sha256", key).update(`${user}\n${url}`).digest("base64url")
}
