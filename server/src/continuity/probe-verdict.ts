import type { ProbeResult } from "../delivery/probe.ts"
import type { ProbeVerdict } from "./mode-machine.ts"

const ourOwn = /\((EMFILE|ENFILE|ENOMEM|ENOBUFS|EADDRNOTAVAIL)\)/

/**
 * What a probe's result says about the primary. A 5xx to MAIL or RCPT is an answer, so the host is up. Undefined: it says
 * nothing, because the reason lies with us.
 */
export function probeVerdict(result: ProbeResult): ProbeVerdict | undefined {
  if (result.ok) return { up: true }
  const { failure, reply, stage } = result
  if (ourOwn.test(reply)) return undefined
  const code = /^([2-5]\d\d)\b/.exec(reply)?.[1]
  if (failure !== "host" && code?.startsWith("5")) return { up: true }
  if (failure === "message" && code === undefined) return undefined
  if (code?.startsWith("4")) return { up: false, failure, reason: "primary-deferring", reply }
  if (/\b(no (answer|reply)|not finished) within\b/.test(reply)) return { up: false, failure, reason: "primary-silent", reply }
  if (stage === "connect") return { up: false, failure, reason: "primary-refused", reply }
  return { up: false, failure, reason: "primary-error", reply }
}
