import { smtpReplies } from "@lifeboat/shared/smtp-replies"
import type { Filter } from "./verdict.ts"
import { headerFields } from "./header-fields.ts"

/** Times one mail may pass through here: sent by a user, forwarded by the primary and a list, and back again. */
const ownPassages = 6

/** Refuses what goes round in circles: too many hops in all (RFC 5321 §6.3), or too often through here. */
export const loop: Filter = (mail, { hostname, limits }) => {
  let hops = 0
  let own = 0
  const byUs = ` by ${hostname.toLowerCase()} (lifeboat) `
  for (const { name, value } of headerFields(mail.body.header)) {
    if (name === "received") {
      hops++
      if (value.replace(/\s+/g, " ").toLowerCase().includes(byUs)) own++
    }
  }
  return hops > limits.hops || own > ownPassages ? { verdict: "reject", reply: smtpReplies.loop } : { verdict: "accept" }
}
