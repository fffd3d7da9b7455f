import { smtpReplies } from "@lifeboat/shared/smtp-replies"
import type { Filter } from "./verdict.ts"
import { countFields } from "./header-fields.ts"

/** Refuses more header fields than any real mail has; every reader behind us would choke on them. */
export const headerLimits: Filter = (mail, { limits }) =>
  countFields(mail.body.header) > limits.headers ? { verdict: "reject", reply: smtpReplies.tooManyHeaders } : { verdict: "accept" }
