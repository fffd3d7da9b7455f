import { canonicalAddress, domainOf, withoutPlus } from "@lifeboat/shared/address"
import { smtpReplies, type SmtpReply } from "@lifeboat/shared/smtp-replies"
import { isCovered } from "../identity/covered.ts"
import type { Recipient } from "../routing/recipient.ts"
import type { DomainDocument, UserDocument } from "../store/documents.ts"
import type { Callouts } from "./callout.ts"
import { isFresh, isLearned, type CalloutCache } from "./callout-cache.ts"
import { decideRecipient, type RecipientFacts } from "./decide-recipient.ts"
import type { Directory } from "./directory.ts"

/** Whether a mail for this address is taken: the recipient with all that routing needs, or the reply to RCPT. */
export type RecipientCheck = (address: string) => Promise<{ readonly ok: Recipient } | { readonly reply: SmtpReply }>

export interface RecipientCheckDependencies {
  readonly domains: { get(domain: string): DomainDocument | undefined }
  readonly directory: Pick<Directory, "lookup">
  readonly cache: Pick<CalloutCache, "get">
  readonly callouts: Pick<Callouts, "ask">
  readonly now: () => Date
  /** How long a recipient that is vouched for waits for the primary's word, ms. */
  readonly patienceMs: number
  /** How long anybody waits for it, ms. */
  readonly limitMs: number
}

/** Builds the check of recipients of hosted domains. It rejects when the database does not answer: the guard makes that 451. */
export function createRecipientCheck(dependencies: RecipientCheckDependencies): RecipientCheck {
  const { domains, directory, cache, callouts, now, patienceMs, limitMs } = dependencies

  /** What the primary says: lately, or now. */
  const wordOfPrimary = async (domain: DomainDocument, canonical: string, address: string, known: boolean, patient: boolean): Promise<RecipientFacts["primary"]> => {
    const cached = await cache.get(canonical)
    if (cached && isFresh(cached, known, now())) return cached.verdict
    const answer = await within(patient ? limitMs : patienceMs, callouts.ask(domain, canonical, address))
    return answer === undefined || answer.verdict === "temporary" ? "none" : answer.verdict
  }

  return async (address) => {
    const canonical = canonicalAddress(address)
    if (canonical === undefined) return { reply: smtpReplies.badRecipientAddress }
    const name = domainOf(canonical)
    const before = domains.get(name)
    if (!before) return { reply: smtpReplies.relayingDenied }
    const user = await directory.lookup(canonical)
    // A primary that trusts us might send such an address on to the outside (RFC 5321 §3.3, "%-hack").
    if (!user && /[%!@]/.test(canonical.slice(0, canonical.lastIndexOf("@")))) return { reply: smtpReplies.relayingDenied }
    const known = user !== undefined
    const postmaster = withoutPlus(canonical) === `postmaster@${name}`
    const learned = known ? false : isLearned(await cache.get(canonical), now())
    const primary =
      before.primary && before.mode.mode === "normal" && !postmaster ? await wordOfPrimary(before, canonical, address, known, !known && !learned) : "none"
    // The wait may have been long enough for the mode to change.
    const domain = domains.get(name) ?? before
    const decision = decideRecipient({ hasPrimary: domain.primary !== null, mode: domain.mode.mode, known, postmaster, learned, primary })
    return decision === "accept" ? { ok: recipientOf(address, canonical, domain, user) } : { reply: smtpReplies[decision] }
  }
}

/** The recipient as routing needs it. */
export function recipientOf(address: string, canonical: string, domain: DomainDocument, user: UserDocument | undefined): Recipient {
  return { address, canonical, domain: domain._id, user: user?._id ?? null, covered: user !== undefined && isCovered(domain, user) }
}

async function within<T>(ms: number, answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
