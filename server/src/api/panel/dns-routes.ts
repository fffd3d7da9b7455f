import { DkimKeyView, DnsView } from "@lifeboat/shared/schemas/domain"
import { createDkimKey, currentDkimKey, dkimRecord } from "../../delivery/dkim-keys.ts"
import { recordAct } from "../../identity/audit.ts"
import type { DkimKeyDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { domainParam, userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { checkRecords } from "./dns-check.ts"
import { wantedRecords } from "./dns-records.ts"
import { DomainParams, storedDomain } from "./domain-routes.ts"

function keyView(key: DkimKeyDocument): DkimKeyView {
  return { selector: key.selector, name: key._id, value: dkimRecord(key), createdAt: key.createdAt.toISOString() }
}

/** The DKIM key of a domain, and the DNS records to set with a look at what is there (D5). */
export function dnsRoutes(app: App, deps: ApiDependencies): void {
  const { config, database } = deps

  app.get("/api/domains/:domain/dns", { config: { access: "administrator" }, schema: { tags: ["domains"], summary: "DNS records to set, each looked up now", params: DomainParams, response: { 200: DnsView } } }, async (request) => {
    const domain = await storedDomain(deps, domainParam(request))
    const key = await currentDkimKey(database, domain._id)
    const wanted = wantedRecords({ domain: domain._id, hostname: config.hostname, key, ports: config.ports })
    return { records: await checkRecords(wanted, config.hostname, deps.nameServers), dkim: key ? keyView(key) : null }
  })

  app.post("/api/domains/:domain/dkim", { config: { access: "administrator" }, schema: { tags: ["domains"], summary: "Make a DKIM key; one of this month stays", params: DomainParams, response: { 200: DkimKeyView, 201: DkimKeyView } } }, async (request, reply) => {
    const domain = await storedDomain(deps, domainParam(request))
    const { key, created } = await createDkimKey(database, domain._id)
    if (created) await recordAct(database, userOf(request)._id, domain._id, "dkim-key-created", key._id)
    return reply.code(created ? 201 : 200).send(keyView(key))
  })
}
