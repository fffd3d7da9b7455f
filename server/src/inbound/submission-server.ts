import { smtpReplies } from "@lifeboat/shared/smtp-replies"
import type { MailServer, MailServerDependencies, ServerPolicy } from "./mail-server.ts"
import { ownsAddress, ownsHeader } from "./sender-ownership.ts"
import type { Authenticate } from "./session.ts"
import { listen } from "./smtp-listener.ts"

/** The two ports for users: STARTTLS (587) and TLS from the first byte (465). */
export interface SubmissionServers {
  readonly submission: MailServer
  readonly submissions: MailServer
  close(): Promise<void>
}

/** Opens the ports on which users send: only signed in, only over TLS, only from their own addresses (E3). */
export async function createSubmissionServers(
  dependencies: MailServerDependencies & { readonly authenticate: Authenticate },
  ports: { readonly submission: number; readonly submissions: number },
): Promise<SubmissionServers> {
  const policy: ServerPolicy = {
    authentication: true,
    sender: ({ user }, mailFrom) => {
      if (!user) return { reply: smtpReplies.authRequired }
      return mailFrom === "" || ownsAddress(user, mailFrom) ? { relay: true } : { reply: smtpReplies.senderNotOwned }
    },
    content: ({ user }, header) => (user && ownsHeader(user, header) ? undefined : smtpReplies.fromNotOwned),
  }
  const { authenticate } = dependencies
  const submission = await listen(dependencies, { port: ports.submission, policy, implicitTls: false, authenticate })
  const submissions = await listen(dependencies, { port: ports.submissions, policy, implicitTls: true, authenticate }).catch(async (error: unknown) => {
    await submission.close()
    throw error
  })
  return {
    submission,
    submissions,
    close: async () => {
      await Promise.all([submission.close(), submissions.close()])
    },
  }
}
