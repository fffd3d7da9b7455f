import type { FastifyInstance, FastifyRequest } from "fastify"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalDomain } from "@lifeboat/shared/address"
import { decideAccess, decideScope, type AddinAccess, type RouteAccess } from "../identity/access.ts"
import { mailLinkHolds, parseMailLink } from "../identity/mail-links.ts"
import { csrfMatches, sessionCookie, type Caller, type Sessions } from "../identity/sessions.ts"
import type { UserDocument } from "../store/documents.ts"

declare module "fastify" {
  interface FastifyContextConfig {
    /** Who may call this route; without it nobody may. */
    access?: RouteAccess
    /** What the Outlook add-in may do here; without it nothing. */
    addin?: AddinAccess
  }
  interface FastifyRequest {
    caller: Caller | undefined
    /** Whether the call was let in by the link of the add-in, and may be shown in a frame of Outlook. */
    byLink: boolean
    /** The `:domain` of the path in canonical form. */
    domain: string | undefined
  }
}

const readingMethods = new Set(["GET", "HEAD", "OPTIONS"])

/** The one hook that decides every call: who calls, whether this route is for them, whether the page sent it (CSRF). */
export function decideCallers(app: FastifyInstance, sessions: Sessions, now: () => Date): void {
  app.decorateRequest("caller", undefined)
  app.decorateRequest("byLink", false)
  app.decorateRequest("domain", undefined)
  app.addHook("onRequest", async (request) => {
    if (request.is404) return
    const { access, addin } = request.routeOptions.config
    const bearer = bearerToken(request)
    const cookie = request.cookies[sessionCookie]
    const token = bearer ?? cookie
    const link = addin === "link" && bearer === undefined ? linkParameter(request) : undefined
    if (link !== undefined) {
      request.caller = await callerOfLink(sessions, link, idParameter(request), now())
      request.byLink = request.caller !== undefined
    } else if (token !== undefined && access !== "public") request.caller = await sessions.find(token)
    // The add-in's token counts where the add-in itself sends it, never from a browser's cookies.
    if (request.caller?.session.addin && bearer === undefined && link === undefined) request.caller = undefined
    const named = domainParameter(request)
    if (named !== undefined) request.domain = canonicalDomain(named)
    const refusal = decideAccess(access, request.caller?.user, named === undefined ? undefined : (request.domain ?? named)) ?? decideScope(access, addin, request.caller?.session)
    if (refusal === "not-signed-in" && token !== undefined && (await sessions.ofRemovedUser(token))) throw new ApiError("account-removed")
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

function idParameter(request: FastifyRequest): string {
  const params: unknown = request.params
  return typeof params === "object" && params !== null && "id" in params ? String(params.id) : ""
}

function linkParameter(request: FastifyRequest): string | undefined {
  const query: unknown = request.query
  return typeof query === "object" && query !== null && "link" in query && typeof query.link === "string" ? query.link : undefined
}

/** Whom a link to one mail speaks for; undefined: for nobody (any more). */
async function callerOfLink(sessions: Sessions, text: string, messageId: string, now: Date): Promise<Caller | undefined> {
  const link = parseMailLink(text)
  if (!link) return undefined
  const caller = await sessions.findById(link.sessionId)
  return caller?.session.addin && mailLinkHolds(link, caller.session, messageId, now) ? caller : undefined
}
