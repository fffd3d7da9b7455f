import type { SmtpReply } from "@lifeboat/shared/smtp-replies"

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
