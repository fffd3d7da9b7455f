import { compared, alone, type Figure } from "./figure.ts"
import { startInstallation } from "../support/installation.ts"
import { postfixAvailable, smtpSource, startPostfix } from "./postfix.ts"

const bytes = 10_240
const rounds = 3
const runs = [{ sessions: 50, messages: 4_000 }, { sessions: 20, messages: 4_000 }, { sessions: 1, messages: 800 }]

/**
 * How fast mail is taken in while the next hop is down: the 250 comes after the journaled majority write, recipients
 * are checked. Postfix on the same machine in turn, the same load generator for both.
 */
export async function benchAccept(free: (count: number) => Promise<number[]>): Promise<Figure[]> {
  const [down = 0, peerPort = 0] = await free(2)
  const ours = await startInstallation()
  const peer = postfixAvailable() ? await startPostfix(peerPort, down) : undefined
  try {
    await ours.api("PUT", "/api/domains/example.com", { primary: { host: "127.0.0.1", port: down, tls: "none" } })
    await ours.api("PUT", "/api/domains/example.com/continuity", { enabled: true, activation: "manual", coverage: "selected" })
    await ours.api("POST", "/api/domains/example.com/users", { address: "user@example.com", name: "User" })
    await smtpSource(ours.ports.smtp, 20, 2_000, bytes)
    if (peer) await smtpSource(peer.port, 20, 500, bytes)
    const figures: Figure[] = []
    for (const { sessions, messages } of runs) {
      const pairs: { ours: number; theirs: number }[] = []
      for (let round = 0; round < rounds; round++) {
        const theirs = peer ? await smtpSource(peer.port, sessions, messages, bytes) : 0
        pairs.push({ ours: await smtpSource(ours.ports.smtp, sessions, messages, bytes), theirs })
        console.log(`accept ${sessions} sessions, round ${round + 1}: ${Math.round(pairs.at(-1)?.ours ?? 0)}/s, Postfix ${Math.round(theirs)}/s`)
      }
      figures.push(peer ? compared(`accept-${sessions}`, "mails/s", "postfix", pairs) : alone(`accept-${sessions}`, pairs[0]?.ours ?? 0, "mails/s"))
    }
    return figures
  } finally {
    await peer?.stop()
    await ours.stop()
  }
}
