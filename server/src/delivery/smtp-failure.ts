import type { Break, Incident, Stage } from "./classify-outcome.ts"
import { replyLine, type ServerReply } from "./smtp-reply.ts"

/** A dialogue that broke off, or a reply that ends it, with the stage it happened at. */
export class SmtpFailure extends Error {
  readonly stage: Stage
  readonly broken: Break
  /** The reply that ended the dialogue; undefined: it broke off. */
  readonly reply: ServerReply | undefined

  constructor(stage: Stage, broken: Break, message: string, reply?: ServerReply) {
    super(message)
    this.stage = stage
    this.broken = broken
    this.reply = reply
  }
}

/** A failure as the incident that `classifyOutcome` takes. */
export function incidentOf(failure: SmtpFailure): Incident {
  return failure.reply ? { stage: failure.stage, reply: failure.reply } : { stage: failure.stage, broken: failure.broken, detail: failure.message }
}

/** A failure made of a reply that ends the dialogue. */
export function refusedBy(stage: Stage, reply: ServerReply): SmtpFailure {
  return new SmtpFailure(stage, "protocol", replyLine(reply), reply)
}
