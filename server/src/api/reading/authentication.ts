import { Resolver } from "node:dns/promises"
import { authenticate, type AuthenticateResult } from "mailauth"
import type { Authentication } from "@lifeboat/shared/schemas/mail"
import { BlockList } from "node:net"
import { ownedDomain } from "./lookalike.ts"
import { isRefused } from "./refused-network.ts"

/** How the mail came, as far as SPF asks (RFC 7208). */
export interface MailOrigin {
  readonly address: string
  readonly helo: string
  readonly mailFrom: string
  /** It was kept so long that its domain may have changed its keys since. */
  readonly kept?: boolean
}

const queryMs = 2_000
const totalMs = 8_000
const maxQueries = 60
const noNetworks = new BlockList()
/** A question that is not asked: the sender has given us too many, or they took too long. */
const refusedCode = "EREFUSED_HERE"

/**
 * Checks DKIM, SPF and DMARC over a mail as it was received. `servers`: name servers as `address:port`, left out those
 * of the system. Undefined: the name service gave no answer in time, so that nothing is known and it may be asked again.
 */
export async function authenticateMail(raw: Buffer, origin: MailOrigin, servers?: readonly string[]): Promise<Authentication | undefined> {
  const resolver = new Resolver({ timeout: queryMs, tries: 1 })
  if (servers) resolver.setServers([...servers])
  let queries = 0
  let over = false
  let refused = false
  const ask = async (name: string, type: string): Promise<string[]> => {
    // What the domain in From asks for is always asked, or a mail could use up the questions before.
    const policy = /^_dmarc\.(?!_domainkey\.)/i.test(name)
    if (!policy && (over || ++queries > maxQueries)) refused = true
    if (!policy && refused) throw Object.assign(new Error("Too many questions."), { code: refusedCode })
    const found: unknown = await resolver.resolve(name, type)
    return Array.isArray(found) ? found : []
  }
  const timer = setTimeout(() => {
    over = true
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
    return isUnanswered(result, origin, refused) ? undefined : judge(result, origin)
  } finally {
    clearTimeout(timer)
  }
}

/** Whether the name service did not answer a question that could have proven the mail. What the sender adds about other domains could not: signed by a domain that never answers, a forged mail would never be told. */
function isUnanswered({ dkim, spf, dmarc }: AuthenticateResult, { mailFrom }: MailOrigin, refused: boolean): boolean {
  const results = dkim.results ?? []
  if (dmarc && dmarc.status.result === "temperror") return true
  if (results.some(({ status }) => status.result === "pass" && status.aligned)) return false
  const from = dkim.headerFrom?.[0]
  const own = from !== undefined && ownedDomain(domainOf(from)) === ownedDomain(domainOf(mailFrom))
  return (own && !refused && spf && spf.status.result === "temperror") || results.some(({ status }) => status.result === "temperror" && status.aligned && !String(status.comment).includes(refusedCode))
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf("@") + 1).toLowerCase()
}

/** What the three checks say together. */
function judge({ dkim, spf, dmarc }: AuthenticateResult, { kept = false }: MailOrigin): Authentication {
  const results = dkim.results ?? []
  const domain = (dmarc ? dmarc.status.header?.from : undefined) ?? dkim.headerFrom?.[0]?.split("@").at(-1) ?? ""
  const passing = results.filter(({ status }) => status.result === "pass" && status.aligned)
  const passed = passing.find(({ status }) => !(Number(status.underSized) > 0))
  // A signature over the beginning of the text (`l=`) says nothing about what was put behind it.
  const partly = passing.length > 0 && !passed && !(dmarc && dmarc.alignment.spf.result)
  const dkimWord = passed ? "pass" : (results.find(({ status }) => status.result === "pass") ?? results[0])?.status.result ?? "none"
  const spfWord = spf ? spf.status.result : "none"
  // Several fields From, or writers of several domains: nobody can say which of them is proven, and what the reader sees need not be it (RFC 7489 §6.6.1).
  if (!dmarc && (dkim.headerFrom ?? []).length > 0) return { result: "fail", domain: domain.toLowerCase(), spf: spfWord, dkim: dkimWord, dmarc: "none" }
  const dmarcWord = dmarc ? dmarc.status.result : "none"
  if (partly) return { result: "unknown", domain: domain.toLowerCase(), spf: spfWord, dkim: dkimWord, dmarc: dmarcWord }
  const keyGone = kept && results.some(({ status }) => status.result !== "pass" && status.aligned && /no key|invalid public key/i.test(String(status.comment)))
  return { result: verdict(dmarcWord, dkimWord, passed !== undefined, keyGone), domain: domain.toLowerCase(), spf: spfWord, dkim: dkimWord, dmarc: dmarcWord }
}

/**
 * A domain that asks for nothing (no DMARC) is still proven by its own signature. A signature of its own whose key is gone
 * proves nothing against a mail that was kept for long: keys are changed meanwhile.
 */
export function verdict(dmarc: string, dkim: string, aligned: boolean, keyGone: boolean): Authentication["result"] {
  if (dmarc === "pass" || (aligned && dkim === "pass")) return "pass"
  if (dmarc === "fail" && !keyGone) return "fail"
  return "unknown"
}
