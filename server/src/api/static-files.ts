import { access } from "node:fs/promises"
import { join } from "node:path"
import fastifyStatic from "@fastify/static"
import { ApiError } from "@lifeboat/shared/api-errors"
import type { App } from "./app.ts"

const year = 31_536_000

/** The built pages: hashed files for ever, everything else asked for anew; any other path is the app's own (SPA). */
export async function serveStaticFiles(app: App, folder: string): Promise<void> {
  const built = await access(join(folder, "index.html")).then(() => true, () => false)
  if (built) {
    await app.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      index: false,
      cacheControl: false,
      setHeaders: (reply, path) => {
        void reply.header("cache-control", /[\\/]assets[\\/]/.test(path) ? `public, max-age=${year}, immutable` : "no-cache")
      },
    })
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0] ?? ""
    const reads = request.method === "GET" || request.method === "HEAD"
    if (!reads || /^\/(api|healthz|readyz|metrics)(\/|$)/.test(path) || /\.[a-z0-9]{1,12}$/i.test(path)) throw new ApiError("not-found")
    if (!built) return reply.type("text/plain; charset=utf-8").send("Lifeboat is running. Its pages are not built yet: run `npm run demo` or `npm start`, which build them.\n")
    return reply.header("cache-control", "no-cache").sendFile("index.html")
  })
}
