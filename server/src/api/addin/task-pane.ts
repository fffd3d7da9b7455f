import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import type { FastifyReply } from "fastify"
import type { Config } from "../../config.ts"
import type { App } from "../app.ts"
import type { ApiDependencies } from "../dependencies.ts"

/** Where Outlook on the web runs; an Exchange server of one's own is named in the configuration. */
const outlookOrigins = ["https://outlook.office.com", "https://outlook.office365.com", "https://outlook.live.com", "https://outlook.cloud.microsoft"]
/** What Office.js itself loads from: Microsoft's newer server for it, and the one of the Ajax library that it needs in Outlook. */
const officeSources = ["https://officeapis.public.onecdn.static.microsoft", "https://ajax.aspnetcdn.com"]
const day = 86_400
const IconParams = Type.Object({ icon: Type.String({ pattern: "^icon-(?:16|32|64|80|128)\\.png$", maxLength: 20 }) })

/** Who may show the task pane, and a mail in it, in a frame: the value of `frame-ancestors`. */
export function outlookFrames({ webOrigins }: Config["outlook"]): string {
  return ["'self'", ...outlookOrigins, ...webOrigins].join(" ")
}

/** The policy of the task pane: as strict as that of the pages, except for Office.js and for who frames it. */
export function panePolicy(outlook: Config["outlook"]): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${[new URL(outlook.officeJs).origin, ...officeSources].join(" ")}`,
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${outlookFrames(outlook)}`,
  ].join("; ")
}

/** The task pane of the Outlook add-in and its icons: the only pages that a foreign page may frame. */
export function taskPane(app: App, { config: { outlook }, webFolder }: ApiDependencies): void {
  const file = (name: string): Promise<Buffer> =>
    readFile(join(webFolder, "addin", name)).catch(() => {
      throw new ApiError("not-found")
    })

  app.get("/addin/taskpane.html", { config: { access: "public" }, schema: { hide: true } }, async (_request, reply) => {
    const page = (await file("taskpane.html")).toString().replace("%OFFICE_JS%", outlook.officeJs.replace(/[&<>"]/g, encodeURIComponent))
    return framed(reply).header("content-security-policy", panePolicy(outlook)).header("cache-control", "no-cache").type("text/html; charset=utf-8").send(page)
  })

  // Outlook shows icons of other origins, and leaves out those that it may not keep.
  app.get("/addin/:icon", { config: { access: "public" }, schema: { hide: true, params: IconParams } }, async (request, reply) =>
    reply.header("cross-origin-resource-policy", "cross-origin").header("cache-control", `public, max-age=${day}`).type("image/png").send(await file(request.params.icon)),
  )

  app.addHook("onSend", async (request, reply) => {
    if (!request.byLink) return
    const policy = reply.getHeader("content-security-policy")
    if (typeof policy === "string") void framed(reply).header("content-security-policy", policy.replace(/frame-ancestors [^;]*/, `frame-ancestors ${outlookFrames(outlook)}`))
  })
}

/** X-Frame-Options knows no list of origins; where it is left out, `frame-ancestors` decides alone. */
function framed(reply: FastifyReply): FastifyReply {
  return reply.removeHeader("x-frame-options").header("cross-origin-resource-policy", "cross-origin")
}
