import type { Users } from "../../identity/users.ts"
import type { Database } from "../../store/database.ts"
import type { DomainCache } from "../../store/domain-cache.ts"
import type { SampleSetup } from "./sample-company.ts"
import { sampleDomain } from "./sample-people.ts"

/** Enters the sample company into an installation. */
export function sampleSetup(database: Database, app: { readonly users: Users; readonly domains: DomainCache }): SampleSetup {
  return {
    domainExists: async () => (await database.domains.findOne({ _id: sampleDomain }, { projection: { _id: 1 } })) !== null,
    createDomain: async (domain, primary, outside) => {
      const now = database.now()
      await database.domains.insertOne({
        _id: domain,
        primary: { ...primary, tls: "none" },
        retentionDays: 90,
        relay: { addresses: [], smarthost: outside },
        continuity: { enabled: true, activation: "automatic", coverage: "all" },
        mode: { mode: "normal", since: now, reason: "initial", detail: null, by: "automatic", forced: false, version: 0, successes: 0, nextProbeAt: now, failureRun: null, outageId: null },
        createdAt: now,
      })
      await app.domains.refresh(domain)
    },
    moveDomain: async (domain, primary, outside) => {
      await database.domains.updateOne({ _id: domain }, { $set: { "primary.host": primary.host, "primary.port": primary.port, "relay.smarthost": outside } })
      await app.domains.refresh(domain)
    },
    createUser: async (person) => {
      await app.users.create(sampleDomain, person, new Set([sampleDomain]))
    },
  }
}
