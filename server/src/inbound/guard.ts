import { smtpReplies, type SmtpReply } from "@lifeboat/shared/smtp-replies"
import type { Logger } from "../logger.ts"

/** Error codes of MongoDB and the system that mean: no space left. */
const spaceCodes = new Set<unknown>(["ENOSPC", "EDQUOT", "EROFS", 14031])

/** The reply to an unexpected error: unknown is temporary (invariant 2), never 5xx. */
export function replyToError(error: unknown): SmtpReply {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined
  return spaceCodes.has(code) ? smtpReplies.storageFull : smtpReplies.localError
}

/**
 * Runs one step of a session. An error becomes a temporary reply and a line in the log; so does a step that has no
 * answer within `deadline` ms, because the client must not be left waiting.
 */
export async function guard<T>(step: string, log: Logger, deadline: number, run: () => Promise<T>): Promise<{ readonly value: T } | { readonly reply: SmtpReply }> {
  let timer: NodeJS.Timeout | undefined
  try {
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), deadline)
    })
    const done = await Promise.race([run().then((value) => ({ value })), late])
    if (done) return done
    log.error({ step, deadline }, "no answer in time, the client gets a temporary error")
    return { reply: smtpReplies.localError }
  } catch (error) {
    log.error({ step, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, "unexpected error, the client gets a temporary error")
    return { reply: replyToError(error) }
  } finally {
    clearTimeout(timer)
  }
}
