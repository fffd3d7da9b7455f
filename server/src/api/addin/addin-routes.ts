import { randomUUID } from "node:crypto"
import { Type } from "typebox"
import { AddinCode, AddinDevices, AddinLink, AddinOwner, AddinPaired, AddinPairing, AddinSetup } from "@lifeboat/shared/schemas/addin"
import { ApiError } from "@lifeboat/shared/api-errors"
import { AddinPairings } from "../../identity/addin-pairing.ts"
import { AttemptLimiter, networkOf } from "../../identity/attempt-limiter.ts"
import { linkMs, signMailLink } from "../../identity/mail-links.ts"
import { RequestLimiter } from "../../identity/request-limiter.ts"
import type { Database } from "../../store/database.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { callerOf, domainParam, userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { MessageParams } from "../panel/tracking-routes.ts"
import { addinManifest } from "./manifest.ts"

const codesAllowed = 10
const codesWindowMs = 15 * 60_000
const stateId = "addin"

const DeviceParams = Type.Object({ device: Type.String({ maxLength: 40 }) })

/** The Outlook add-in (G1): its manifest, connecting an Outlook with an account once by a code, and what it is then told. */
export function addinRoutes(app: App, { config, database, domains, sessions }: ApiDependencies): void {
  const pairings = new AddinPairings(database, sessions)
  const attempts = new AttemptLimiter()
  const codes = new RequestLimiter(codesAllowed, codesWindowMs)
  const owner = ({ _id: address, name, language }: UserDocument): AddinOwner => ({ address, name, language })

  app.get("/addin/manifest.xml", { config: { access: "public" }, schema: { tags: ["add-in"], summary: "The manifest of the Outlook add-in" } }, async (_request, reply) =>
    reply.header("cache-control", "no-cache").type("text/xml; charset=utf-8").send(addinManifest({ id: await installationId(database), publicUrl: config.publicUrl })),
  )

  app.get("/api/domains/:domain/addin", { config: { access: "administrator" }, schema: { tags: ["add-in"], summary: "Where the manifest is", params: Type.Object({ domain: Type.String() }), response: { 200: AddinSetup } } }, async (request) => {
    if (!domains.get(domainParam(request))) throw new ApiError("not-found")
    return { manifestUrl: `${config.publicUrl}/addin/manifest.xml`, id: await installationId(database), secure: config.publicUrl.startsWith("https:") }
  })

  app.post("/api/addin/codes", { config: { access: "user" }, schema: { tags: ["add-in"], summary: "A code that connects an Outlook, once", response: { 200: AddinCode } } }, async (request) => {
    const user = userOf(request)
    const wait = codes.take(user._id, performance.now())
    if (wait > 0) throw new ApiError("too-many-attempts", undefined, wait / 1000)
    const { code, expireAt } = await pairings.makeCode(user)
    return { code, expiresAt: expireAt.toISOString() }
  })

  app.post("/api/addin/pair", { config: { access: "public" }, schema: { tags: ["add-in"], summary: "Connect an Outlook by such a code", body: AddinPairing, response: { 200: AddinPaired } } }, async (request) => {
    // A code names nobody, so tries are counted by address and network, and no stranger can hold others back.
    const account = `network ${networkOf(request.ip)}`
    const wait = attempts.waitMs(account, request.ip, Date.now())
    if (wait > 0) throw new ApiError("too-many-attempts", undefined, wait / 1000)
    attempts.begun(account, request.ip, Date.now())
    const { token, user } = await pairings.pair(request.body.code, request.body.device)
    attempts.succeeded(account, request.ip, Date.now())
    return { ...owner(user), token }
  })

  app.get("/api/addin/devices", { config: { access: "user" }, schema: { tags: ["add-in"], summary: "The connected Outlooks", response: { 200: AddinDevices } } }, async (request) => ({
    items: (await pairings.devices(userOf(request))).flatMap(({ addin, createdAt }) => (addin ? [{ id: addin.id, name: addin.name, createdAt: createdAt.toISOString(), usedAt: addin.usedAt.toISOString() }] : [])),
  }))

  app.delete("/api/addin/devices/:device", { config: { access: "user" }, schema: { tags: ["add-in"], summary: "Disconnect one of them", params: DeviceParams, response: { 204: Type.Null() } } }, async (request, reply) => {
    if (!(await pairings.end(userOf(request), request.params.device))) throw new ApiError("not-found")
    return reply.code(204).send(null)
  })

  app.get("/api/addin/me", { config: { access: "user", addin: "token" }, schema: { tags: ["add-in"], summary: "Whose archive it is", response: { 200: AddinOwner } } }, (request) => owner(userOf(request)))

  app.delete("/api/addin/me", { config: { access: "user", addin: "token" }, schema: { tags: ["add-in"], summary: "Disconnect this Outlook", response: { 204: Type.Null() } } }, async (request, reply) => {
    const { session } = callerOf(request)
    if (!session.addin) throw new ApiError("not-allowed")
    await sessions.end(session)
    return reply.code(204).send(null)
  })

  app.get("/api/addin/mails/:id/link", { config: { access: "user", addin: "token" }, schema: { tags: ["add-in"], summary: "A link to one mail for frames and downloads, for ten minutes", params: MessageParams, response: { 200: AddinLink } } }, (request) => {
    const { session } = callerOf(request)
    if (!session.addin) throw new ApiError("not-allowed")
    const expires = database.now().getTime() + linkMs
    return { link: signMailLink(session, request.params.id, expires), expiresAt: new Date(expires).toISOString() }
  })
}

/** The GUID by which every Outlook knows this installation's add-in, made with the first question for it. */
async function installationId(database: Database): Promise<string> {
  const made = await database.state.findOneAndUpdate({ _id: stateId }, { $setOnInsert: { value: { id: randomUUID() } } }, { upsert: true, returnDocument: "after" })
  const value = made?.value
  if (typeof value !== "object" || value === null || !("id" in value) || typeof value.id !== "string") throw new ApiError("unavailable")
  return value.id
}
