import { setTimeout as sleep } from "node:timers/promises"
import { alone, compared, type Figure } from "./figure.ts"
import { startInstallation } from "../support/installation.ts"
import { postfixAvailable, smtpSource, startPostfix, startSink } from "./postfix.ts"

const bytes = 10_240
const mails = 5_000
const rounds = 3
const deadline = 300_000
/** Until a server has done its first, vain attempts. ms. */
const settle = 3_000

/** Mails a second from `start` until the sink has taken them all. */
async function drained(nextHop: number, begin: () => Promise<unknown>): Promise<number> {
  const sink = await startSink(nextHop, mails)
  const start = performance.now()
  await begin()
  const late = sleep(deadline, "late" as const, { ref: false })
  if ((await Promise.race([sink.done, late])) === "late") {
    await sink.stop()
    throw new Error("the drain took too long")
  }
  return mails / ((performance.now() - start) / 1000)
}

/** Lets the last mails go, which the sink took and did not answer before it ended: outside the measured time. */
async function emptied(nextHop: number, again: () => Promise<unknown>, left: () => Promise<number>): Promise<void> {
  const sink = await startSink(nextHop)
  const end = Date.now() + 30_000
  while ((await left()) > 0) {
    if (Date.now() > end) throw new Error("some mails were not drained")
    await again()
    await sleep(500)
  }
  await sink.stop()
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
    const pairs: { ours: number; theirs: number }[] = []
    for (let round = 0; round < rounds; round++) {
      let theirs = 0
      if (peer) {
        await smtpSource(peer.port, 20, mails, bytes)
        await sleep(settle)
        theirs = await drained(peerNextHop, () => peer.flush())
        await emptied(peerNextHop, () => peer.flush(), () => peer.queued())
      }
      await smtpSource(ours.ports.smtp, 20, mails, bytes)
      await sleep(settle)
      pairs.push({ ours: await drained(nextHop, () => ours.api("POST", "/api/domains/example.com/queue/retry")), theirs })
      await emptied(nextHop, () => ours.api("POST", "/api/domains/example.com/queue/retry"), async () => (await ours.api<{ open: number }>("GET", "/api/domains/example.com/mode")).open)
      console.log(`drain, round ${round + 1}: ${Math.round(pairs.at(-1)?.ours ?? 0)}/s, Postfix ${Math.round(theirs)}/s`)
    }
    return [peer ? compared("drain", "mails/s", "postfix", pairs) : alone("drain", pairs[0]?.ours ?? 0, "mails/s")]
  } finally {
    await peer?.stop()
    await ours.stop()
  }
}
