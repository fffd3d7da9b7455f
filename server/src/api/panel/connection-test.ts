import type { ConnectionTest } from "@lifeboat/shared/schemas/domain"
import type { ProbeResult } from "../../delivery/probe.ts"

type Failed = Extract<ProbeResult, { ok: false }>

/** Stages as the panel names them; a probe sends no mail, so the last ones do not occur. */
const shown: Readonly<Record<Failed["stage"], ConnectionTest["stage"]>> = {
  dns: "connect", connect: "connect", banner: "banner", ehlo: "ehlo", tls: "tls", auth: "ehlo", mail: "mail", rcpt: "rcpt", data: "done", body: "done", dot: "done",
}

/** What a probe found, as the panel shows it: the last stage reached, and what was said there. */
export function connectionTestOf(result: ProbeResult): ConnectionTest {
  return { ok: result.ok, stage: result.ok ? "done" : shown[result.stage], reply: result.reply, tls: result.tls, milliseconds: result.ms }
}
