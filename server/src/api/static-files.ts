import { access } from "node:fs/promises"
import { join } from "node:path"
import fastifyStatic from "@fastify/static"
import { ApiError } from "@lifeboat/shared/api-errors"
import { preferredLanguage } from "@lifeboat/shared/preferred-language"
import { sessionCookie } from "../identity/sessions.ts"
import type { App } from "./app.ts"
import { pageHints, readBuild } from "./page-hints.ts"

const year = 31_536_000
const day = 86_400
/** Endings of built files. Not every dot is one: paths of the app name domains. */
const fileEnding = /\.(?:js|mjs|css|map|html|svg|png|ico|jpg|webp|woff2?|json|webmanifest|txt|xml|wasm)$/i

/** How long a browser keeps a file without asking, by its path: browsers ask for the icon at every step within a page. */
function cacheControl(path: string): string {
  if (path.startsWith("/assets/")) return `public, max-age=${year}, immutable`
  return /\.(?:svg|png|ico)$/i.test(path) ? `public, max-age=${day}` : "no-cache"
}

/** The built pages, packed where the browser takes that: hashed files for ever, pictures for a day, everything else asked for anew; any other path is the app's own (SPA). */
export async function serveStaticFiles(app: App, folder: string): Promise<void> {
  const built = await access(join(folder, "index.html")).then(() => true, () => false)
  if (built) await app.register(fastifyStatic, { root: folder, serve: false, cacheControl: false, preCompressed: true })
  const build = await readBuild(folder)

  app.get("/*", { exposeHeadRoute: true, config: { access: "public" }, schema: { hide: true } }, (request, reply) => {
    const path = request.url.split("?")[0] ?? "/"
    if (/^\/(api|healthz|readyz|metrics)(\/|$)/.test(path)) throw new ApiError("not-found")
    const isFile = fileEnding.test(path)
    if (isFile && built) return reply.header("cache-control", cacheControl(path)).sendFile(path)
    if (isFile) throw new ApiError("not-found")
    if (built) {
      const hints = pageHints(build, { session: request.cookies[sessionCookie] !== undefined, path, language: preferredLanguage((request.headers["accept-language"] ?? "").split(",")) })
      return reply.header("cache-control", "no-cache").header("link", hints).sendFile("index.html")
    }
    return reply.type("text/plain; charset=utf-8").send("Lifeboat is running. Its pages are not built yet: run `npm run demo` or `npm start`, which build them.\n")
  })

  app.setNotFoundHandler((_request, reply) => {
    void reply.removeHeader("cache-control")
    throw new ApiError("not-found")
  })
}
