import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { guard } from "../support/guardian.ts"

/** Where the peer's scripts lie: Debian's Roundcube on Dovecot with generated mailboxes (`run_all.sh` beside them says how). */
const scripts = process.env["LIFEBOAT_BENCH_ROUNDCUBE"] ?? resolve(import.meta.dirname, "../../../../shared/bench/roundcube")
const folder = process.env["B"] ?? join(tmpdir(), "roundcube-peer")

/** The peer, running: its web page, LMTP for new mail, and the mailboxes it holds. */
export interface Roundcube {
  readonly adapter: string
  readonly lmtp: number
  readonly password: string
  /** The Maildir of a box. */
  maildir(box: string): string
  stop(): Promise<void>
}

/** Whether the peer is here and may be run (its servers need root). */
export function roundcubeAvailable(): boolean {
  return existsSync(join(scripts, "up.sh")) && process.getuid?.() === 0
}

/** Installs the peer where needed, makes its mailboxes, and starts it on loopback. Takes minutes the first time. */
export async function startRoundcube(): Promise<Roundcube> {
  for (const script of ["install.sh", "gen_all.sh"]) await run(script)
  const gone = guard({ run: [join(scripts, "down.sh")], env: { B: folder } })
  await run("up.sh")
  return {
    adapter: join(scripts, "adapters/roundcube.mjs"),
    lmtp: Number(process.env["LMTP_PORT"] ?? 21_024),
    password: process.env["PASS"] ?? "bench",
    maildir: (box) => join(folder, "mail", box, "Maildir"),
    stop: async () => {
      await run("down.sh")
      gone()
    },
  }
}

async function run(script: string): Promise<void> {
  const child = spawn(join(scripts, script), { env: { ...process.env, B: folder }, stdio: ["ignore", "ignore", "inherit"] })
  const code = await new Promise((ended) => child.once("exit", ended))
  if (code !== 0) throw new Error(`The peer's ${script} failed.`)
}
