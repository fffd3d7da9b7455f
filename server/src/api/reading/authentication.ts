import { Resolver } from "node:dns/promises"
import { authenticate, type AuthenticateResult } from "mailauth"
import type { Authentication } from "@lifeboat/shared/schemas/mail"
import { BlockList } from "node:net"
import { isRefused } from "./refused-network.ts"

/** How the mail came, as far as SPF asks (RFC 7208). */
export interface MailOrigin {
  readonly address: string
  readonly helo: string
  readonly mailFrom: string
}

const queryMs = 2_000
const totalMs = 8_000
const maxQueries = 60
const noNetworks = new BlockList()

/**
 * Checks DKIM, SPF and DMARC over a mail as it was received. `servers`: name servers as `address:port`, left out those
 * of the system. Undefined: the name service gave no answer in time, so that nothing is known and it may be asked again.
 */
export async function authenticateMail(raw: Buffer, origin: MailOrigin, servers?: readonly string[]): Promise<Authentication | undefined> {
  const resolver = new Resolver({ timeout: queryMs, tries: 1 })
  if (servers) resolver.setServers([...servers])
  let queries = 0
  let silent = false
  const ask = async (name: string, type: string): Promise<string[]> => {
    if (++queries > maxQueries) throw Object.assign(new Error("Too many questions."), { code: "ESERVFAIL" })
    try {
      const found: unknown = await resolver.resolve(name, type)
      return Array.isArray(found) ? found : []
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : ""
      if (!/^E?(?:NOTFOUND|NODATA|NXDOMAIN|BADNAME|FORMERR)$/.test(code)) silent = true
      throw error
    }
  }
  const timer = setTimeout(() => {
    silent = true
    resolver.cancel()
  }, totalMs)
  try {
    // From inside a network there is nothing that SPF could say.
    const known = !isRefused(origin.address, noNetworks)
    const result = await authenticate(raw, {
      resolver: ask,
      mta: "lifeboat",
      sender: origin.mailFrom,
      ...(known ? { ip: origin.address, helo: origin.helo } : {}),
      rejectRsaSha1: true,
      disableArc: true,
      disableBimi: true,
    })
    return silent ? undefined : judge(result)
  } finally {
    clearTimeout(timer)
  }
}

/** What the three checks say together. */
function judge({ dkim, spf, dmarc }: AuthenticateResult): Authentication {
  const results = dkim.results ?? []
  const domain = (dmarc ? dmarc.status.header?.from : undefined) ?? dkim.headerFrom?.[0]?.split("@").at(-1) ?? ""
  const passed = results.find(({ status }) => status.result === "pass" && status.aligned)
  const dkimWord = passed ? "pass" : (results.find(({ status }) => status.result === "pass") ?? results[0])?.status.result ?? "none"
  const spfWord = spf ? spf.status.result : "none"
  const dmarcWord = dmarc ? dmarc.status.result : "none"
  return { result: verdict(dmarcWord, dkimWord, passed !== undefined, results.some(({ status }) => status.result !== "pass" && /no key|invalid public key|timeout|error/i.test(status.comment ?? ""))), domain: domain.toLowerCase(), spf: spfWord, dkim: dkimWord, dmarc: dmarcWord }
}

/**
 * A domain that asks for nothing (no DMARC) is still proven by its own signature. A signature whose key is gone proves
 * nothing against a mail: keys are changed while mails are kept.
 */
export function verdict(dmarc: string, dkim: string, aligned: boolean, keyGone: boolean): Authentication["result"] {
  if (dmarc === "pass" || (aligned && dkim === "pass")) return "pass"
  if (dmarc === "fail" && !keyGone) return "fail"
  return "unknown"
}
