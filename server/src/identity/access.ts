import type { SessionDocument, UserDocument } from "../store/documents.ts"
import type { ApiErrorCode } from "@lifeboat/shared/api-errors"

/**
 * Who may call a route. `user`: anybody signed in, who then sees only what is theirs. `administrator`: administrators
 * and operators; where the path names a domain, only those of that domain.
 */
export const routeAccesses = ["public", "user", "administrator", "operator"] as const
export type RouteAccess = (typeof routeAccesses)[number]

/** What the Outlook add-in may do with a route: call it with its `token`, or have it opened by a `link` to one mail as well. */
export type AddinAccess = "token" | "link"

/** The domains whose settings, users and mails a user may see and change. */
export function administeredDomains(user: UserDocument): "all" | readonly string[] {
  if (user.role === "operator") return "all"
  return user.role === "administrator" ? [user.domain] : []
}

export function administers(user: UserDocument, domain: string): boolean {
  const domains = administeredDomains(user)
  return domains === "all" || domains.includes(domain)
}

/** Whether `by` may change or delete `other`: nobody below an operator touches an operator. */
export function mayChangeUser(by: UserDocument, other: Pick<UserDocument, "domain" | "role">): boolean {
  return administers(by, other.domain) && (other.role !== "operator" || by.role === "operator")
}

/**
 * The one decision about a call (default deny): undefined lets it through. A foreign domain answers like one that
 * does not exist. `access` undefined: the route forgot to declare it.
 */
export function decideAccess(access: RouteAccess | undefined, caller: UserDocument | undefined, domain: string | undefined): ApiErrorCode | undefined {
  if (access === undefined) return "not-allowed"
  if (access === "public") return undefined
  if (!caller) return "not-signed-in"
  if (access === "operator") return caller.role === "operator" ? undefined : "not-allowed"
  if (access === "administrator") {
    if (caller.role === "user") return "not-allowed"
    return domain === undefined || administers(caller, domain) ? undefined : "not-found"
  }
  return undefined
}

/** Whether a session may be used for this route (default deny): the Outlook add-in's only where the route says so. Undefined lets it through. */
export function decideScope(access: RouteAccess | undefined, addin: AddinAccess | undefined, session: Pick<SessionDocument, "addin"> | undefined): ApiErrorCode | undefined {
  return session?.addin === undefined || access === "public" || addin !== undefined ? undefined : "not-allowed"
}
