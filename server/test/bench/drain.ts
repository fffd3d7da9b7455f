import { setTimeout as sleep } from "node:timers/promises"
import { alone, compared, type Figure } from "./figure.ts"
import { startInstallation } from "../support/installation.ts"
import { postfixAvailable, smtpSource, startPostfix, startSink } from "./postfix.ts"

const bytes = 10_240
const mails = 5_000
const rounds = 3
const deadline = 300_000

async function until(done: () => Promise<boolean>, pause: number): Promise<void> {
  const end = Date.now() + deadline
  while (!(await done())) {
    if (Date.now() > end) throw new Error("the drain took too long")
    await sleep(pause)
  }
}

/** How fast 5,000 waiting mails go to a primary that is back: "try all now" here, `postqueue -f` there. */
export async function benchDrain(free: (count: number) => Promise<number[]>): Promise<Figure[]> {
  const [nextHop = 0, peerNextHop = 0, peerPort = 0] = await free(3)
  const ours = await startInstallation()
  const peer = postfixAvailable() ? await startPostfix(peerPort, peerNextHop) : undefined
  try {
    await ours.api("PUT", "/api/domains/example.com", { primary: { host: "127.0.0.1", port: nextHop, tls: "none" } })
    await ours.api("PUT", "/api/domains/example.com/continuity", { enabled: true, activation: "manual", coverage: "selected" })
    await ours.api("POST", "/api/domains/example.com/users", { address: "user@example.com", name: "User" })
    const open = async () => (await ours.api<{ open: number }>("GET", "/api/domains/example.com/mode")).open
    const pairs: { ours: number; theirs: number }[] = []
    for (let round = 0; round < rounds; round++) {
      let theirs = 0
      if (peer) {
        await smtpSource(peer.port, 20, mails, bytes)
        await sleep(3_000)
        const sink = await startSink(peerNextHop)
        const start = performance.now()
        await peer.flush()
        await until(async () => (await peer.queued()) === 0, 50)
        theirs = mails / ((performance.now() - start) / 1000)
        await sink.stop()
      }
      await smtpSource(ours.ports.smtp, 20, mails, bytes)
      await sleep(3_000)
      const sink = await startSink(nextHop)
      const start = performance.now()
      await ours.api("POST", "/api/domains/example.com/queue/retry")
      await until(async () => (await open()) === 0, 50)
      pairs.push({ ours: mails / ((performance.now() - start) / 1000), theirs })
      await sink.stop()
      console.log(`drain, round ${round + 1}: ${Math.round(pairs.at(-1)?.ours ?? 0)}/s, Postfix ${Math.round(theirs)}/s`)
    }
    return [peer ? compared("drain", "mails/s", "postfix", pairs) : alone("drain", pairs[0]?.ours ?? 0, "mails/s")]
  } finally {
    await peer?.stop()
    await ours.stop()
  }
}
