import { Type } from "typebox"
import type { UpdateFilter } from "mongodb"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress } from "@lifeboat/shared/address"
import { Continuity, ContinuityChange, ModeChange, ModeView } from "@lifeboat/shared/schemas/domain"
import { ListOf } from "@lifeboat/shared/schemas/list"
import { SelectedUser, SelectedUserAdd, UserQuery } from "@lifeboat/shared/schemas/user"
import { recordAct } from "../../identity/audit.ts"
import type { DomainDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { domainParam, userOf } from "../caller.ts"
import { decodeCursor, pageOf } from "../cursor.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { DomainParams, storedDomain } from "./domain-routes.ts"
import { UserParams, usersMatching } from "./user-routes.ts"

/** Security settings › Continuity Service (D1–D3), and the mode with its switch (A1, A4). */
export function continuityRoutes(app: App, deps: ApiDependencies): void {
  const { database, domains, users, queue, continuity } = deps

  const modeView = async (domain: DomainDocument): Promise<ModeView> => ({
    mode: domain.mode.mode,
    since: domain.mode.since.toISOString(),
    reason: domain.mode.reason,
    detail: domain.mode.detail,
    by: domain.mode.by,
    forced: domain.mode.forced,
    open: await queue.count(`primary:${domain._id}`),
  })

  app.get("/api/domains/:domain/continuity", { config: { access: "administrator" }, schema: { tags: ["continuity"], summary: "Settings of the Continuity Service", params: DomainParams, response: { 200: Continuity } } }, async (request) =>
    (await storedDomain(deps, domainParam(request))).continuity)

  app.put("/api/domains/:domain/continuity", { config: { access: "administrator" }, schema: { tags: ["continuity"], summary: "Change the Continuity Service; from selected to all removes every user added so far", params: DomainParams, body: ContinuityChange, response: { 200: Continuity } } }, async (request) => {
    const before = await storedDomain(deps, domainParam(request))
    const { enabled, activation, coverage } = request.body
    const set: Record<string, unknown> = {}
    if (enabled !== undefined) set["continuity.enabled"] = enabled
    if (activation !== undefined) set["continuity.activation"] = activation
    if (coverage !== undefined) set["continuity.coverage"] = coverage
    if (Object.keys(set).length > 0) {
      await database.domains.updateOne({ _id: before._id }, { $set: set } as UpdateFilter<DomainDocument>)
      if (coverage === "all" && before.continuity.coverage === "selected") await database.users.updateMany({ domain: before._id, selected: true }, { $set: { selected: false } })
      await domains.refresh(before._id)
      await users.coverageChanged(before._id)
      await continuity.settingsChanged(before._id, userOf(request)._id)
      await recordAct(database, userOf(request)._id, before._id, "continuity-changed", JSON.stringify(request.body))
    }
    return (await storedDomain(deps, before._id)).continuity
  })

  app.get("/api/domains/:domain/continuity/users", { config: { access: "administrator" }, schema: { tags: ["continuity"], summary: "The selected users", params: DomainParams, querystring: UserQuery, response: { 200: ListOf(SelectedUser) } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    const { limit = 50, cursor, q } = request.query
    const after = decodeCursor(cursor)
    const rows = await database.users
      .find({ $and: [usersMatching(domain._id, q), { selected: true }, after === undefined ? {} : { _id: { $gt: after } }] }, { maxTimeMS: 5_000 })
      .sort({ _id: 1 }).limit(limit + 1).toArray()
    return pageOf(rows, limit, (row) => row._id, (row) => ({ address: row._id, name: row.name }))
  })

  app.post("/api/domains/:domain/continuity/users", { config: { access: "administrator" }, schema: { tags: ["continuity"], summary: "Add a user to the selected ones", params: DomainParams, body: SelectedUserAdd, response: { 201: SelectedUser } } }, async (request, reply) => {
    const domain = await storedDomain(deps, domainParam(request))
    if (canonicalAddress(request.body.address) === undefined) throw new ApiError("invalid-address")
    const user = await users.get(domain._id, request.body.address)
    if (!user.selected) {
      await users.select(user, true)
      await continuity.settingsChanged(domain._id, userOf(request)._id)
      await recordAct(database, userOf(request)._id, domain._id, "continuity-user-added", user._id)
    }
    return reply.code(201).send({ address: user._id, name: user.name })
  })

  app.delete("/api/domains/:domain/continuity/users/:address", { config: { access: "administrator" }, schema: { tags: ["continuity"], summary: "Remove a selected user", params: UserParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    const domain = await storedDomain(deps, domainParam(request))
    const user = await users.get(domain._id, request.params.address)
    if (!user.selected) throw new ApiError("not-selected")
    await users.select(user, false)
    await continuity.settingsChanged(domain._id, userOf(request)._id)
    await recordAct(database, userOf(request)._id, domain._id, "continuity-user-removed", user._id)
    return reply.code(204).send(null)
  })

  app.get("/api/domains/:domain/mode", { config: { access: "administrator" }, schema: { tags: ["continuity"], summary: "The mode: since when, why, by whom", params: DomainParams, response: { 200: ModeView } } }, async (request) =>
    modeView(await storedDomain(deps, domainParam(request))))

  app.put("/api/domains/:domain/mode", { config: { access: "administrator" }, schema: { tags: ["continuity"], summary: "Force a mode, or release the forced one", params: DomainParams, body: ModeChange, response: { 200: ModeView } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    const { force } = request.body
    await continuity.force(domain._id, force, userOf(request)._id)
    await domains.refresh(domain._id)
    await recordAct(database, userOf(request)._id, domain._id, force === null ? "mode-released" : "mode-forced", force ?? "")
    return modeView(await storedDomain(deps, domain._id))
  })
}
