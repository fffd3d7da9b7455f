import { setTimeout as sleep } from "node:timers/promises"
import SMTPConnection from "nodemailer/lib/smtp-connection/index.js"
import { alone, median, type Figure } from "./figure.ts"
import { startInstallation } from "../support/installation.ts"

const burst = 500
const steady = 100
const perSecond = 20

interface Listing {
  readonly items: readonly { readonly subject: string }[]
  readonly next: string | null
}

/** Sends one mail and resolves with the time of its 250. */
async function send(connection: SMTPConnection, subject: string): Promise<number> {
  const text = `From: sender@outside.test\r\nTo: user@example.com\r\nSubject: ${subject}\r\nDate: ${new Date().toUTCString()}\r\nMessage-ID: <${subject}@outside.test>\r\n\r\n${`${"x".repeat(78)}\r\n`.repeat(128)}`
  await new Promise<void>((resolve, reject) => connection.send({ from: "sender@outside.test", to: ["user@example.com"] }, text, (error) => (error ? reject(error) : resolve())))
  return performance.now()
}

/** How fast an emergency's mail gets into the mailboxes, and how long after its 250 a mail can be read. */
export async function benchFill(free: (count: number) => Promise<number[]>): Promise<Figure[]> {
  const [down = 0] = await free(1)
  const ours = await startInstallation()
  try {
    await ours.api("PUT", "/api/domains/example.com", { primary: { host: "127.0.0.1", port: down, tls: "none" } })
    await ours.api("POST", "/api/domains/example.com/users", { address: "user@example.com", name: "User", password: "user-password" })
    await ours.api("PUT", "/api/domains/example.com/mode", { force: "emergency" })
    const user = await ours.as("user@example.com", "user-password")
    const connection = new SMTPConnection({ host: "127.0.0.1", port: ours.ports.smtp, ignoreTLS: true })
    await new Promise<void>((resolve, reject) => {
      connection.once("error", reject)
      connection.connect(() => resolve())
    })
    await send(connection, "warm-up")
    let folder = ""
    for (let tries = 0; folder === "" && tries < 100; tries++) {
      const folders = (await user("GET", "/api/mail/folders").catch(() => ({ items: [] }))) as { items: { id: string; specialUse: string | null; total: number }[] }
      folder = folders.items.find((item) => item.specialUse === "inbox" && item.total > 0)?.id ?? ""
      if (folder === "") await sleep(100)
    }
    const total = async () => {
      const folders = (await user("GET", "/api/mail/folders")) as { items: { id: string; total: number }[] }
      return folders.items.find((item) => item.id === folder)?.total ?? 0
    }
    const before = await total()
    const start = performance.now()
    for (let n = 0; n < burst; n++) await send(connection, `burst-${n}`)
    while ((await total()) < before + burst) await sleep(100)
    const rate = burst / ((performance.now() - start) / 1000)

    const accepted = new Map<string, number>()
    const waits: number[] = []
    const watching = (async () => {
      while (waits.length < steady) {
        const listing = (await user("GET", `/api/mail/folders/${folder}/messages?limit=50`)) as Listing
        for (const { subject } of listing.items) {
          const at = accepted.get(subject)
          if (at === undefined) continue
          waits.push(performance.now() - at)
          accepted.delete(subject)
        }
        await sleep(10)
      }
    })()
    for (let n = 0; n < steady; n++) {
      const begun = performance.now()
      accepted.set(`steady-${n}`, await send(connection, `steady-${n}`))
      await sleep(Math.max(0, 1000 / perSecond - (performance.now() - begun)))
    }
    await watching
    connection.quit()
    return [
      alone("fill", rate, "mails/s"),
      alone("fill-readable-median", median(waits), "ms"),
      alone("fill-readable-p95", [...waits].sort((a, b) => a - b)[Math.floor(waits.length * 0.95)] ?? 0, "ms"),
    ]
  } finally {
    await ours.stop()
  }
}
