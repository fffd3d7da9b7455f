/** A recipient that RCPT accepted, with all that routing needs to know. */
export interface Recipient {
  /** As given in RCPT TO: goes out again unchanged. */
  readonly address: string
  /** Canonical form (`shared/address`). */
  readonly canonical: string
  /** The hosted domain; null: outside (submission and relay only). */
  readonly domain: string | null
  /** The user behind the address, by address, alias or plus part; null: not in the directory. */
  readonly user: string | null
  /** Covered by the Continuity Service as domain and user are set now. */
  readonly covered: boolean
}
