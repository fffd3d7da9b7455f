import { smtpReplies } from "@lifeboat/shared/smtp-replies"
import type { Filter } from "./verdict.ts"

/** Refuses what is larger than the limit, whichever way it came. */
export const size: Filter = (mail, { limits }) =>
  mail.body.size > limits.messageBytes ? { verdict: "reject", reply: smtpReplies.messageTooBig } : { verdict: "accept" }
