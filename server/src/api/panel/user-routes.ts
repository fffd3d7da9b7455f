import { Type } from "typebox"
import type { Filter } from "mongodb"
import { ApiError } from "@lifeboat/shared/api-errors"
import { ListOf } from "@lifeboat/shared/schemas/list"
import { UserChange, UserCreate, UserQuery, UserView } from "@lifeboat/shared/schemas/user"
import { mayChangeUser } from "../../identity/access.ts"
import { recordAct } from "../../identity/audit.ts"
import { isCovered } from "../../identity/covered.ts"
import type { DomainDocument, UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { callerOf, domainParam, userOf } from "../caller.ts"
import { decodeCursor, escapeRegex, pageOf } from "../cursor.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { DomainParams, storedDomain } from "./domain-routes.ts"

export const UserParams = Type.Object({ domain: Type.String({ maxLength: 260 }), address: Type.String({ maxLength: 320 }) })

function userView(domain: DomainDocument, user: UserDocument): UserView {
  return {
    address: user._id,
    name: user.name,
    aliases: user.aliases,
    role: user.role,
    source: user.source,
    covered: isCovered(domain, user),
    ready: user.passwordHash !== null,
    language: user.language,
    lastLoginAt: user.lastLoginAt?.toISOString() ?? null,
  }
}

/** Users of one domain whose address or name contains `q`. */
export function usersMatching(domain: string, q: string | undefined): Filter<UserDocument> {
  if (q === undefined || q.trim() === "") return { domain }
  const text = { $regex: escapeRegex(q.trim()), $options: "i" }
  return { domain, $or: [{ _id: text }, { name: text }, { aliases: text }] }
}

/** The domains in which a caller may give aliases to users of a domain. */
export function aliasDomainsFor(caller: UserDocument, domain: string, domains: Pick<ApiDependencies["domains"], "all">): Set<string> {
  return new Set(caller.role === "operator" ? domains.all().map((hosted) => hosted._id) : [domain])
}

/** Users of a domain (D4). */
export function userRoutes(app: App, deps: ApiDependencies): void {
  const { database, domains, users } = deps

  const aliasDomains = (caller: UserDocument, domain: string) => aliasDomainsFor(caller, domain, domains)

  app.get("/api/domains/:domain/users", { config: { access: "administrator" }, schema: { tags: ["users"], summary: "Users of a domain", params: DomainParams, querystring: UserQuery, response: { 200: ListOf(UserView) } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    const { limit = 50, cursor, q } = request.query
    const after = decodeCursor(cursor)
    const rows = await database.users
      .find({ $and: [usersMatching(domain._id, q), after === undefined ? {} : { _id: { $gt: after } }] }, { maxTimeMS: 5_000 })
      .sort({ _id: 1 }).limit(limit + 1).toArray()
    return pageOf(rows, limit, (row) => row._id, (row) => userView(domain, row))
  })

  app.post("/api/domains/:domain/users", { config: { access: "administrator" }, schema: { tags: ["users"], summary: "Create a user", params: DomainParams, body: UserCreate, response: { 201: UserView } } }, async (request, reply) => {
    const domain = await storedDomain(deps, domainParam(request))
    const caller = userOf(request)
    if (request.body.role === "operator" && caller.role !== "operator") throw new ApiError("not-allowed")
    const user = await users.create(domain._id, request.body, aliasDomains(caller, domain._id))
    await recordAct(database, caller._id, domain._id, "user-created", `${user._id} ${user.role}`)
    return reply.code(201).send(userView(domain, user))
  })

  app.get("/api/domains/:domain/users/:address", { config: { access: "administrator" }, schema: { tags: ["users"], summary: "One user", params: UserParams, response: { 200: UserView } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    return userView(domain, await users.get(domain._id, request.params.address))
  })

  app.put("/api/domains/:domain/users/:address", { config: { access: "administrator" }, schema: { tags: ["users"], summary: "Change a user", params: UserParams, body: UserChange, response: { 200: UserView } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    const { user: caller, session } = callerOf(request)
    const user = await users.get(domain._id, request.params.address)
    const { role } = request.body
    if (!mayChangeUser(caller, user) || (role === "operator" && caller.role !== "operator")) throw new ApiError("not-allowed")
    if (role !== undefined && role !== user.role && user._id === caller._id) throw new ApiError("own-account")
    const changed = await users.change(user, request.body, aliasDomains(caller, domain._id), session)
    await recordAct(database, caller._id, domain._id, "user-changed", `${user._id} ${Object.keys(request.body).join(" ")}`)
    return userView(domain, changed)
  })

  app.delete("/api/domains/:domain/users/:address", { config: { access: "administrator" }, schema: { tags: ["users"], summary: "Delete a user", params: UserParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const domain = await storedDomain(deps, domainParam(request))
    const caller = userOf(request)
    const user = await users.get(domain._id, request.params.address)
    if (user._id === caller._id) throw new ApiError("own-account")
    if (!mayChangeUser(caller, user)) throw new ApiError("not-allowed")
    await users.remove(user)
    await recordAct(database, caller._id, domain._id, "user-deleted", user._id)
    return reply.code(204).send(null)
  })
}
