import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { RequestLimiter } from "../../identity/request-limiter.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { fetchPicture, NoPicture, type Picture } from "./picture-fetch.ts"
import { isSigned, maxPictureUrl, picturePath } from "./picture-signature.ts"
import type { Reading } from "./reading.ts"

const perMinute = 600
const atOnce = { user: 12, all: 60 } as const
const keepSeconds = 86_400

/** Pictures from outside, fetched by us so that their servers learn nothing about who reads (design §9). */
export function pictureRoutes(app: App, { config, log }: ApiDependencies, reading: Reading): void {
  const limiter = new RequestLimiter(perMinute, 60_000)
  const running = new Map<string, number>()
  let all = 0

  const fetchFor = async (user: string, url: string): Promise<Picture> => {
    const own = running.get(user) ?? 0
    if (own >= atOnce.user || all >= atOnce.all) throw new ApiError("unavailable", undefined, 2)
    running.set(user, own + 1)
    all++
    try {
      return await fetchPicture(url, config.pictureNetworks)
    } finally {
      all--
      const left = (running.get(user) ?? 1) - 1
      if (left > 0) running.set(user, left)
      else running.delete(user)
    }
  }

  app.get(picturePath, { config: { access: "user" }, schema: { tags: ["mail"], summary: "A picture from outside that a mail shows, fetched for the reader", querystring: Type.Object({ u: Type.String({ maxLength: maxPictureUrl }), s: Type.String({ maxLength: 100 }) }) } }, async (request, reply) => {
    const user = userOf(request)
    const { u, s } = request.query
    if (!isSigned(await reading.pictureKey(), user._id, u, s)) throw new ApiError("not-found")
    const wait = limiter.take(user._id, performance.now())
    if (wait > 0) throw new ApiError("unavailable", undefined, wait / 1000)
    try {
      const { type, bytes } = await fetchFor(user._id, u)
      return await reply
        .header("content-security-policy", "default-src 'none'; sandbox")
        .header("x-content-type-options", "nosniff")
        .header("content-disposition", "inline")
        .header("cache-control", `private, max-age=${keepSeconds}`)
        .header("vary", "cookie")
        .type(type)
        .send(bytes)
    } catch (error) {
      if (!(error instanceof NoPicture)) throw error
      log.debug({ reason: error.message }, "picture not shown")
      throw new ApiError("not-found")
    }
  })
}
