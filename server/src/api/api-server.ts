import type { AddressInfo } from "node:net"
import cookie from "@fastify/cookie"
import helmet from "@fastify/helmet"
import swagger from "@fastify/swagger"
import Fastify from "fastify"
import { ApiError } from "@lifeboat/shared/api-errors"
import { ErrorReply } from "@lifeboat/shared/schemas/list"
import { LiveTracking } from "../tracking/live.ts"
import type { RouteAccess } from "../identity/access.ts"
import type { App } from "./app.ts"
import { addinRoutes } from "./addin/addin-routes.ts"
import { taskPane } from "./addin/task-pane.ts"
import { archiveJobRoutes } from "./archive/archive-job-routes.ts"
import { archiveRoutes } from "./archive/archive-routes.ts"
import { redeliverRoutes } from "./archive/redeliver-routes.ts"
import { archiveZipRoutes } from "./archive/zip-routes.ts"
import { decideCallers } from "./caller.ts"
import type { ApiDependencies } from "./dependencies.ts"
import { handleErrors, refuseUnreadable } from "./errors.ts"
import { EventStreams } from "./event-stream.ts"
import { healthRoutes } from "./health-routes.ts"
import { measureCalls } from "./http-metrics.ts"
import { mailSetupRoutes } from "./mail-setup/mail-setup-routes.ts"
import { continuityRoutes } from "./panel/continuity-routes.ts"
import { demoRoutes } from "./panel/demo-routes.ts"
import { dnsRoutes } from "./panel/dns-routes.ts"
import { domainRoutes } from "./panel/domain-routes.ts"
import { outageRoutes } from "./panel/outage-routes.ts"
import { queueRoutes } from "./panel/queue-routes.ts"
import { trackingRoutes } from "./panel/tracking-routes.ts"
import { userFileRoutes } from "./panel/user-file-routes.ts"
import { userRoutes } from "./panel/user-routes.ts"
import { pictureRoutes } from "./reading/picture-routes.ts"
import { Reading } from "./reading/reading.ts"
import { sessionRoutes } from "./session-routes.ts"
import { passwordRoutes } from "./password-routes.ts"
import { serveStaticFiles } from "./static-files.ts"
import { useTypeBox } from "./validation.ts"
import { webmailRoutes } from "./webmail/webmail-routes.ts"

const bodyLimit = 1_048_576

const pagePolicy = {
  useDefaults: false,
  directives: {
    "default-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:"],
    "connect-src": ["'self'"],
    "frame-src": ["'self'"],
    "worker-src": ["'self'"],
    "manifest-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'self'"],
  },
}

/** The HTTP side of a node: API, health, metrics, pages. */
export interface ApiServer {
  /** Begins to listen; resolves with the port (0 asks for a free one). */
  listen(host: string, port: number): Promise<number>
  /** Ends the event streams, lets open calls finish, and stops listening. */
  close(): Promise<void>
  /** Every route with who may call it. */
  routes(): readonly RegisteredRoute[]
  readonly app: App
}

export interface RegisteredRoute {
  readonly method: string
  readonly url: string
  readonly access: RouteAccess | undefined
}

/** Builds the HTTP server with every route; nothing is listened to yet. */
export async function createApiServer(deps: ApiDependencies): Promise<ApiServer> {
  const app: App = Fastify({
    logger: false,
    bodyLimit,
    // A reverse proxy on the same machine may say for whom it asks; nobody else may.
    trustProxy: "loopback",
    requestTimeout: 120_000,
    clientErrorHandler: refuseUnreadable,
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 400 },
    forceCloseConnections: "idle",
  })
  const routes: RegisteredRoute[] = []
  app.addHook("onRoute", ({ method, url, config }) => {
    for (const name of [method].flat()) routes.push({ method: name, url, access: config?.access })
  })
  const live = new LiveTracking(deps.database, deps.log)
  const streams = new EventStreams(deps.sessions)

  useTypeBox(app)
  handleErrors(app, deps.log)
  readJsonOnly(app)
  await app.register(cookie)
  await app.register(helmet, { contentSecurityPolicy: pagePolicy, hsts: false, xFrameOptions: { action: "sameorigin" }, crossOriginEmbedderPolicy: false, referrerPolicy: { policy: "no-referrer" } })
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Lifeboat", version: "1", description: "Errors are `{code, message}`. Sign in at `POST /api/session`; scripts send its token as `Authorization: Bearer`." },
      components: { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } },
      security: [{ bearer: [] }],
    },
    transform: ({ schema, url }) => ({ url, schema: { ...schema, response: { ...(typeof schema.response === "object" ? schema.response : {}), default: { description: "An error", ...ErrorReply } } } }),
  })
  measureCalls(app, deps.metrics)
  decideCallers(app, deps.sessions, () => deps.database.now())
  app.addHook("onSend", async (request, reply) => {
    if (request.url.startsWith("/api/") && !reply.hasHeader("cache-control")) void reply.header("cache-control", "no-store")
  })

  healthRoutes(app, deps)
  app.get("/api/openapi.json", { config: { access: "public" }, schema: { hide: true } }, () => app.swagger())
  sessionRoutes(app, deps)
  passwordRoutes(app, deps)
  domainRoutes(app, deps)
  dnsRoutes(app, deps)
  userRoutes(app, deps)
  userFileRoutes(app, deps)
  continuityRoutes(app, deps)
  queueRoutes(app, deps)
  outageRoutes(app, deps)
  trackingRoutes(app, deps, live, streams)
  const reading = new Reading(deps)
  archiveRoutes(app, deps, reading)
  redeliverRoutes(app, deps)
  archiveJobRoutes(app, deps)
  archiveZipRoutes(app, deps)
  webmailRoutes(app, deps, streams, reading)
  pictureRoutes(app, deps, reading)
  mailSetupRoutes(app, deps)
  addinRoutes(app, deps)
  taskPane(app, deps)
  demoRoutes(app, deps)
  await serveStaticFiles(app, deps.webFolder)
  await app.ready()

  return {
    app,
    routes: () => routes,
    listen: async (host, port) => {
      await app.listen({ host, port })
      return (app.server.address() as AddressInfo).port
    },
    close: async () => {
      streams.closeAll()
      await live.close()
      await app.close()
    },
  }
}

/** Bodies are JSON and nothing else, so that no foreign form can be sent here; an empty one counts as none. */
function readJsonOnly(app: App): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser("error", "error")
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined)
    try {
      return parse(request, body.toString(), done)
    } catch {
      return done(new ApiError("invalid", "The body is not JSON."), undefined)
    }
  })
}
