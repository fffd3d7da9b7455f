import { BlockList, isIP } from "node:net"
import { Type } from "typebox"
import type { UpdateFilter } from "mongodb"
import { ApiError } from "@lifeboat/shared/api-errors"
import { ConnectionTest, DomainChange, DomainView, LearnedRecipient, type SmarthostChange } from "@lifeboat/shared/schemas/domain"
import { ListOf, ListQuery } from "@lifeboat/shared/schemas/list"
import { openStates } from "@lifeboat/shared/delivery-state"
import { administers } from "../../identity/access.ts"
import { recordAct } from "../../identity/audit.ts"
import type { DomainDocument, Smarthost } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { domainParam, userOf } from "../caller.ts"
import { decodeCursor, pageOf } from "../cursor.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { connectionTestOf } from "./connection-test.ts"
import { learnedRecipients } from "./learned-recipients.ts"

export const DomainParams = Type.Object({ domain: Type.String({ maxLength: 260 }) })

/** The domain of the path; throws `not-found`. */
export async function storedDomain({ database }: Pick<ApiDependencies, "database">, name: string): Promise<DomainDocument> {
  const domain = await database.domains.findOne({ _id: name })
  if (!domain) throw new ApiError("not-found")
  return domain
}

/** A hosted domain as it begins: the service is on and automatic, for all users (A4). */
function newDomain(name: string, now: Date): DomainDocument {
  return {
    _id: name,
    primary: null,
    retentionDays: 90,
    relay: { addresses: [], smarthost: null },
    continuity: { enabled: true, activation: "automatic", coverage: "all" },
    mode: {
      mode: "normal", since: now, reason: "initial", detail: null, by: "automatic", forced: false, version: 1,
      successes: 0, nextProbeAt: null, failureRun: null, outageId: null,
    },
    createdAt: now,
  }
}

/** Settings of a domain that are given, checked. */
function settingsOf(change: DomainChange, before: DomainDocument | null): Partial<Pick<DomainDocument, "primary" | "retentionDays">> & Record<string, unknown> {
  const set: Record<string, unknown> = {}
  if (change.primary !== undefined) set["primary"] = change.primary === null ? null : { host: change.primary.host, port: change.primary.port, tls: change.primary.tls ?? "opportunistic" }
  if (change.retentionDays !== undefined) set["retentionDays"] = change.retentionDays
  if (change.relay?.addresses !== undefined) {
    for (const range of change.relay.addresses) if (!isAddressRange(range)) throw new ApiError("invalid", `"${range}" is not an IP address or a range.`)
    set["relay.addresses"] = change.relay.addresses
  }
  if (change.relay?.smarthost !== undefined) {
    const { smarthost } = change.relay
    set["relay.smarthost"] = smarthost === null ? null : smarthostOf(smarthost, before?.relay.smarthost ?? null)
  }
  return set
}

/** A smarthost as it is kept. A password stays only with the server and the user it was given for, so that nobody can have it sent elsewhere. */
export function smarthostOf({ host, port, user, password }: SmarthostChange, before: Smarthost | null): Smarthost {
  const kept = before?.host === host && before.port === port ? before.auth : undefined
  const name = user === undefined ? kept?.user : (user ?? undefined)
  if (name === undefined) {
    if (password !== undefined) throw new ApiError("invalid", "The smarthost's password needs a user name.")
    return { host, port }
  }
  const secret = password ?? (kept?.user === name ? kept.password : undefined)
  if (secret === undefined) throw new ApiError("invalid", "The smarthost's user needs a password.")
  return { host, port, auth: { user: name, password: secret } }
}

function smarthostView(smarthost: Smarthost | null): DomainView["relay"]["smarthost"] {
  return smarthost && { host: smarthost.host, port: smarthost.port, user: smarthost.auth?.user ?? null }
}

/** Settings as the audit log shows them. */
function withoutSecrets(change: DomainChange): string {
  return JSON.stringify(change, (key, value: unknown) => (key === "password" ? "(given)" : value))
}

/** Whether a text is an IP address, or one with the length of a prefix. */
export function isAddressRange(text: string): boolean {
  const [address = "", length, ...rest] = text.split("/")
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  if (length === undefined) return true
  if (!/^\d{1,3}$/.test(length)) return false
  try {
    new BlockList().addSubnet(address, Number(length), version === 4 ? "ipv4" : "ipv6")
    return true
  } catch {
    return false
  }
}

/** Hosted domains: settings, primary, learned recipients. */
export function domainRoutes(app: App, deps: ApiDependencies): void {
  const { database, domains, users, continuity } = deps

  const view = (domain: DomainDocument, userCount: number): DomainView => ({
    domain: domain._id,
    primary: domain.primary,
    retentionDays: domain.retentionDays,
    relay: { addresses: domain.relay.addresses, smarthost: smarthostView(domain.relay.smarthost) },
    continuity: domain.continuity,
    mode: domain.mode.mode,
    since: domain.mode.since.toISOString(),
    users: userCount,
  })
  const viewOf = async (domain: DomainDocument) => view(domain, await database.users.countDocuments({ domain: domain._id }))

  app.get("/api/domains", { config: { access: "administrator" }, schema: { tags: ["domains"], summary: "The domains one administers", querystring: ListQuery, response: { 200: ListOf(DomainView) } } }, async (request) => {
    const caller = userOf(request)
    const { limit = 50, cursor } = request.query
    const after = decodeCursor(cursor) ?? ""
    const rows = domains.all().filter((domain) => administers(caller, domain._id) && domain._id > after).sort((a, b) => (a._id < b._id ? -1 : 1)).slice(0, limit + 1)
    const counts = await database.users.aggregate<{ _id: string; count: number }>([{ $match: { domain: { $in: rows.map((row) => row._id) } } }, { $group: { _id: "$domain", count: { $sum: 1 } } }]).toArray()
    const countOf = new Map(counts.map((row) => [row._id, row.count]))
    return pageOf(rows, limit, (row) => row._id, (row) => view(row, countOf.get(row._id) ?? 0))
  })

  app.get("/api/domains/:domain", { config: { access: "administrator" }, schema: { tags: ["domains"], summary: "One domain", params: DomainParams, response: { 200: DomainView } } }, async (request) =>
    viewOf(await storedDomain(deps, domainParam(request))))

  app.put("/api/domains/:domain", { config: { access: "administrator" }, schema: { tags: ["domains"], summary: "Create or change a domain", params: DomainParams, body: DomainChange, response: { 200: DomainView } } }, async (request) => {
    const name = domainParam(request)
    const caller = userOf(request)
    const existing = await database.domains.findOne({ _id: name })
    const set = settingsOf(request.body, existing)
    if (!existing) {
      if (caller.role !== "operator") throw new ApiError("not-allowed")
      await database.domains.updateOne({ _id: name }, { $setOnInsert: newDomain(name, database.now()) }, { upsert: true })
    }
    if (Object.keys(set).length > 0) await database.domains.updateOne({ _id: name }, { $set: set } as UpdateFilter<DomainDocument>)
    await domains.refresh(name)
    await continuity.settingsChanged(name, caller._id)
    await recordAct(database, caller._id, name, existing ? "domain-changed" : "domain-created", withoutSecrets(request.body))
    return viewOf(await storedDomain(deps, name))
  })

  app.delete("/api/domains/:domain", { config: { access: "operator" }, schema: { tags: ["domains"], summary: "Remove a domain with its users", params: DomainParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const name = domainParam(request)
    const caller = userOf(request)
    await storedDomain(deps, name)
    if (caller.domain === name) throw new ApiError("own-account")
    const open = await database.messages.findOne({ deliveries: { $elemMatch: { hop: `primary:${name}`, state: { $in: [...openStates] } } } }, { projection: { _id: 1 }, hint: "work" })
    if (open) throw new ApiError("domain-has-mail")
    for await (const user of database.users.find({ domain: name })) await users.remove(user)
    await database.domains.deleteOne({ _id: name })
    await database.dkimKeys.deleteMany({ domain: name })
    await domains.refresh(name)
    await recordAct(database, caller._id, name, "domain-deleted", "")
    return reply.code(204).send(null)
  })

  app.post("/api/domains/:domain/test-connection", { config: { access: "administrator" }, schema: { tags: ["domains"], summary: "Connect to the primary as the probe does", params: DomainParams, response: { 200: ConnectionTest } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    if (!domain.primary) throw new ApiError("no-primary")
    return connectionTestOf(await continuity.probe(domain.primary))
  })

  app.get("/api/domains/:domain/learned", { config: { access: "administrator" }, schema: { tags: ["domains"], summary: "Addresses the primary accepted that no user has (B3)", params: DomainParams, querystring: ListQuery, response: { 200: ListOf(LearnedRecipient) } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    return learnedRecipients(database, domain._id, request.query.limit ?? 50, request.query.cursor)
  })
}
