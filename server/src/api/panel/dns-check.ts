import { Resolver } from "node:dns/promises"
import type { DnsRecord } from "@lifeboat/shared/schemas/domain"
import { judgeRecord, type WantedRecord } from "./dns-records.ts"

const queryMs = 2_000
const shown = 10
const shownLength = 600
const nothing = new Set(["ENOTFOUND", "ENODATA"])

/** Looks up every wanted record, all at once; one that has no answer in time is `unknown`. `servers`: name servers as `address:port`, left out those of the system. */
export async function checkRecords(wanted: readonly WantedRecord[], hostname: string, servers?: readonly string[]): Promise<DnsRecord[]> {
  const resolver = new Resolver({ timeout: queryMs, tries: 1 })
  if (servers) resolver.setServers([...servers])
  const timer = setTimeout(() => resolver.cancel(), queryMs)
  try {
    const addresses = Promise.all([answers(resolver.resolve4(hostname)), answers(resolver.resolve6(hostname))]).then((both) => both.flatMap((some) => some ?? []))
    return await Promise.all(
      wanted.map(async ({ purpose, type, name, value }) => {
        const found = await lookUp(resolver, type, name)
        const result = found ? judgeRecord({ purpose, type, name, value }, found, await addresses) : "unknown"
        return { purpose, type, name, value, result, found: (found ?? []).slice(0, shown).map((text) => text.slice(0, shownLength)) }
      }),
    )
  } finally {
    clearTimeout(timer)
  }
}

/** Records of a name as a zone file has them; undefined: the name service did not say. */
async function lookUp(resolver: Resolver, type: DnsRecord["type"], name: string): Promise<string[] | undefined> {
  if (type === "MX") return (await answers(resolver.resolveMx(name)))?.map(({ priority, exchange }) => `${priority} ${exchange}.`)
  if (type === "TXT") return (await answers(resolver.resolveTxt(name)))?.map((parts) => parts.join(""))
  if (type === "SRV") return (await answers(resolver.resolveSrv(name)))?.map((record) => `${record.priority} ${record.weight} ${record.port} ${record.name}.`)
  return (await answers(resolver.resolveCname(name)))?.map((target) => `${target}.`)
}

async function answers<T>(query: Promise<T[]>): Promise<T[] | undefined> {
  try {
    return await query
  } catch (error) {
    return error instanceof Error && "code" in error && nothing.has(String(error.code)) ? [] : undefined
  }
}
