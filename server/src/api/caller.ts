import type { FastifyInstance, FastifyRequest } from "fastify"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalDomain } from "@lifeboat/shared/address"
import { decideAccess, type RouteAccess } from "../identity/access.ts"
import { csrfMatches, sessionCookie, type Caller, type Sessions } from "../identity/sessions.ts"
import type { UserDocument } from "../store/documents.ts"

declare module "fastify" {
  interface FastifyContextConfig {
    /** Who may call this route; without it nobody may. */
    access?: RouteAccess
  }
  interface FastifyRequest {
    caller: Caller | undefined
    /** The `:domain` of the path in canonical form. */
    domain: string | undefined
  }
}

const readingMethods = new Set(["GET", "HEAD", "OPTIONS"])

/** The one hook that decides every call: who calls, whether this route is for them, whether the page sent it (CSRF). */
export function decideCallers(app: FastifyInstance, sessions: Sessions): void {
  app.decorateRequest("caller", undefined)
  app.decorateRequest("domain", undefined)
  app.addHook("onRequest", async (request) => {
    if (request.is404) return
    const { access } = request.routeOptions.config
    const bearer = bearerToken(request)
    const cookie = request.cookies[sessionCookie]
    const token = bearer ?? cookie
    if (token !== undefined && access !== "public") request.caller = await sessions.find(token)
    const named = domainParameter(request)
    if (named !== undefined) request.domain = canonicalDomain(named)
    const refusal = decideAccess(access, request.caller?.user, named === undefined ? undefined : (request.domain ?? named))
    if (refusal) throw new ApiError(refusal)
    if (named !== undefined && request.domain === undefined) throw new ApiError("invalid-domain")
    if (access !== "public" && bearer === undefined && request.caller && !readingMethods.has(request.method)) {
      const header = request.headers["x-csrf-token"]
      if (!csrfMatches(request.caller.session, typeof header === "string" ? header : undefined)) throw new ApiError("csrf")
    }
  })
}

/** The caller of a route that is not public. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new ApiError("not-signed-in")
  return request.caller
}

export function userOf(request: FastifyRequest): UserDocument {
  return callerOf(request).user
}

/** The `:domain` of the path, canonical. */
export function domainParam(request: FastifyRequest): string {
  if (request.domain === undefined) throw new ApiError("invalid-domain")
  return request.domain
}

function bearerToken(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1]
}

function domainParameter(request: FastifyRequest): string | undefined {
  const params: unknown = request.params
  if (typeof params !== "object" || params === null || !("domain" in params)) return undefined
  return String(params.domain)
}
