import type { SmtpReply } from "@lifeboat/shared/smtp-replies"
import { headerLimits } from "./header-limits.ts"
import { loop } from "./loop.ts"
import { size } from "./size.ts"

/** What is decided about a mail before it is stored. */
export type Verdict =
  | { readonly verdict: "accept" }
  /** Accepted, with these header lines put before it (without CRLF). */
  | { readonly verdict: "tag"; readonly lines: readonly string[] }
  /** Accepted, and kept back for somebody to look at. */
  | { readonly verdict: "quarantine"; readonly reason: string }
  | { readonly verdict: "reject"; readonly reply: SmtpReply }

/** What a filter sees of a mail. */
export interface FilteredMail {
  readonly envelope: { readonly mailFrom: string }
  readonly recipients: readonly { readonly canonical: string }[]
  readonly client: { readonly address: string }
  readonly body: { readonly size: number; readonly header: Buffer }
}

/** Limits that the built-in filters need. */
export interface FilterSettings {
  readonly hostname: string
  readonly limits: { readonly messageBytes: number; readonly hops: number; readonly headers: number }
}

/** One filter. It throws for what it cannot decide now: the sender then gets a temporary reply (invariant 2). */
export type Filter = (mail: FilteredMail, settings: FilterSettings) => Verdict | Promise<Verdict>

const builtIn: readonly Filter[] = [size, headerLimits, loop]

/**
 * Runs the filters in order: the first refusal ends it, a quarantine outlasts tags, lines of tags add up. `more` come
 * behind the built-in ones.
 */
export function createFilterChain(settings: FilterSettings, more: readonly Filter[] = []): (mail: FilteredMail) => Promise<Verdict> {
  const filters = [...builtIn, ...more]
  return async (mail) => {
    let result: Verdict = { verdict: "accept" }
    for (const filter of filters) {
      const judged = filter(mail, settings)
      const verdict = judged instanceof Promise ? await judged : judged
      if (verdict.verdict === "reject") return verdict
      if (verdict.verdict === "quarantine") result = verdict
      if (verdict.verdict === "tag" && result.verdict !== "quarantine") {
        result = { verdict: "tag", lines: [...(result.verdict === "tag" ? result.lines : []), ...verdict.lines] }
      }
    }
    return result
  }
}
