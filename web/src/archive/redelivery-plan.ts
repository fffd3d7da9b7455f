import { canonicalAddress } from "@lifeboat/shared/address"
import type { MessageSummary } from "@lifeboat/shared/schemas/archive"
import { addressesIn } from "../ui/people.ts"

/** To whom mails go when they are delivered again, for the question before it. `received`, `sent`: how many; `people`: whom the sent ones go to, each once. */
export interface RedeliveryPlan {
  readonly received: number
  readonly sent: number
  readonly people: readonly string[]
}

/** What was written by this person goes to its recipients, everything else to the person. Pure. */
export function redeliveryPlan(mails: readonly MessageSummary[], own: string): RedeliveryPlan {
  const sent = mails.filter((mail) => wroteIt(mail, own))
  const people = new Map(sent.flatMap(({ to }) => addressesIn(to)).map((address) => [canonicalAddress(address) ?? address, address]))
  return { received: mails.length - sent.length, sent: sent.length, people: [...people.values()] }
}

function wroteIt(mail: MessageSummary, own: string): boolean {
  if (mail.direction === "inbound") return false
  return mail.direction === "outbound" || addressesIn(mail.from).some((address) => canonicalAddress(address) === canonicalAddress(own))
}
