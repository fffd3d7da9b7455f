import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdir, readFile, rm, writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { MongoClient } from "mongodb"
import { readConfig } from "../../src/config.ts"
import { guard } from "../support/guardian.ts"
import { startInstallation, type Installation } from "../support/installation.ts"
import { alone, median, type Figure } from "./figure.ts"
import { roundcubeAvailable, startRoundcube, type Roundcube } from "./roundcube.ts"

const sizes = { u1k: "1k", u10k: "10k", u100k: "100k" } as const
const domain = "example.net"
const password = "bench-password"
const indexPatience = 1_800_000
/** Mails of each box that hold the rare word. */
const planted = 5

type Samples = Record<string, Record<string, Record<string, (number | null)[]>>>
interface Page {
  readonly items: readonly { readonly id: string; readonly specialUse?: string | null; readonly total?: number }[]
  readonly total: number
  readonly exact: boolean
}

/**
 * The webmail in a browser, side by side with Debian's Roundcube on Dovecot, each with the same mails in folders of
 * 1,000, 10,000 and 100,000. `LIFEBOAT_BENCH_ROUNDS` and `LIFEBOAT_BENCH_ONLY` (names of measures, commas) make it shorter.
 * The filled mailboxes are kept in the data folder for the next run.
 */
export async function benchWebmail(): Promise<Figure[]> {
  if (!roundcubeAvailable()) {
    console.log("The webmail is left out: its peer, Debian's Roundcube, needs root and its scripts (LIFEBOAT_BENCH_ROUNDCUBE).")
    return []
  }
  const folder = join(readConfig().dataDir, "bench", "webmail")
  await mkdir(folder, { recursive: true })
  console.log("the peer is set up")
  const peer = await startRoundcube()
  const ours = await startInstallation({ LIFEBOAT_DATA: join(folder, "data"), LIFEBOAT_MONGO_URL: "", LIFEBOAT_REDIS_URL: "" })
  try {
    await prepare(ours, peer, join(folder, "data"))
    const settings = {
      ours: { base: `http://127.0.0.1:${ours.ports.http}/`, smtp: ours.ports.smtp, domain, password },
      peer: { adapter: peer.adapter, lmtp: peer.lmtp, password: peer.password },
      boxes: Object.keys(sizes),
      rounds: Number(process.env["LIFEBOAT_BENCH_ROUNDS"] ?? 10),
      only: (process.env["LIFEBOAT_BENCH_ONLY"] ?? "").split(",").filter((name) => name !== ""),
    }
    const [settingsFile, samplesFile] = [join(folder, "settings.json"), join(folder, "samples.json")]
    await writeFile(settingsFile, JSON.stringify(settings))
    await rm(samplesFile, { force: true })
    await run(["e2e/bench/webmail.ts", settingsFile, samplesFile])
    return figures(JSON.parse(await readFile(samplesFile, "utf8")) as Samples)
  } finally {
    await ours.stop(true)
    await peer.stop()
  }
}

/** The mailboxes, filled and in the index. */
async function prepare(ours: Installation, peer: Roundcube, dataDir: string): Promise<void> {
  await ours.api("PUT", `/api/domains/${domain}`, { primary: { host: "127.0.0.1", port: 9, tls: "none" } })
  const known = ((await ours.api("GET", `/api/domains/${domain}/users`)) as { items: { address: string }[] }).items.map((user) => user.address)
  for (const box of Object.keys(sizes)) {
    if (!known.includes(`${box}@${domain}`)) await ours.api("POST", `/api/domains/${domain}/users`, { address: `${box}@${domain}`, name: box, password })
  }
  await ours.api("PUT", `/api/domains/${domain}/mode`, { force: "emergency" })
  const url = `mongodb://127.0.0.1:${(await readFile(join(dataDir, "mongod", "port"), "utf8")).trim()}/?replicaSet=rs0`
  const settings = await readFile(join(dataDir, "wildduck", "wildduck.toml"), "utf8")
  const [, secret = ""] = /\[dbs\.redis\][^[]*password\s*=\s*"([^"]*)"/.exec(settings) ?? []
  const redis = `redis://:${encodeURIComponent(secret)}@127.0.0.1:${(await readFile(join(dataDir, "redis", "port"), "utf8")).trim()}/`
  const client = await MongoClient.connect(url)
  try {
    for (const box of Object.keys(sizes)) {
      const me = await ours.as(`${box}@${domain}`, password)
      // Mails are listed one by one there, too.
      await me("PUT", "/api/mail/settings", { conversations: false })
      const inbox = ((await me("GET", "/api/mail/folders")) as Page).items.find((each) => each.specialUse === "inbox")
      if ((inbox?.total ?? 0) > 0) continue
      const user = await client.db("lifeboat").collection<{ _id: string; mailbox: { id: string } }>("users").findOne({ _id: `${box}@${domain}` })
      if (!existsSync(peer.maildir(box)) || !user) throw new Error(`There are no mails for ${box}.`)
      console.log(`${box} is filled`)
      await run(["server/test/bench/mailbox-fill.ts", url, redis, user.mailbox.id, peer.maildir(box)])
    }
  } finally {
    await client.close()
  }
  const end = Date.now() + indexPatience
  for (const box of Object.keys(sizes)) {
    const me = await ours.as(`${box}@${domain}`, password)
    const inbox = ((await me("GET", "/api/mail/folders")) as Page).items.find((each) => each.specialUse === "inbox")
    for (;;) {
      const found = (await me("GET", `/api/mail/folders/${inbox?.id}/messages?limit=1&q=Quittenbaum`)) as Page
      if (found.exact && found.total === planted) break
      if (Date.now() > end) throw new Error(`The mails of ${box} are not in the index: ${found.total} found.`)
      await sleep(2_000)
    }
  }
}

async function run(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [...args], { cwd: resolve(import.meta.dirname, "../../.."), stdio: ["ignore", "inherit", "inherit"] })
  const gone = guard({ pid: child.pid })
  const code = await new Promise((ended) => child.once("exit", ended))
  gone()
  if (code !== 0) throw new Error(`${args[0]} failed.`)
}

/** Medians side by side; shorter is better, so the ratio is theirs to ours. What never came within its limit has no figure. */
function figures(samples: Samples): Figure[] {
  const done = (list: readonly (number | null)[] | undefined) => (list ?? []).filter((value) => value !== null)
  return Object.entries(samples).flatMap(([box, measures]) =>
    Object.entries(measures).flatMap(([measure, products]): Figure[] => {
      const name = `webmail-${sizes[box as keyof typeof sizes]}-${measure}`
      const mine = done(products["lifeboat"])
      const theirs = done(products["roundcube"])
      if (mine.length === 0) return []
      const p95 = [...mine].sort((a, b) => a - b)[Math.ceil(mine.length * 0.95) - 1] ?? 0
      if (products["roundcube"] === undefined) return [alone(`${name}-median`, median(mine), "ms"), alone(`${name}-p95`, p95, "ms")]
      if (theirs.length === 0) return [{ ...alone(name, median(mine), "ms"), peer: "Roundcube: none within a minute" }]
      const [value, peerValue] = [median(mine), median(theirs)]
      return [{ name, unit: "ms", value: Math.round(value * 10) / 10, peer: "Roundcube", peerValue: Math.round(peerValue * 10) / 10, ratio: Number((peerValue / value).toFixed(2)) }]
    }),
  )
}
