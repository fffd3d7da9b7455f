import { randomBytes } from "node:crypto"
import { mkdir, rename, writeFile } from "node:fs/promises"
import { createServer, type Server } from "node:net"
import { join } from "node:path"
import { SMTPServer, type SMTPServerSession } from "smtp-server"
import { Value } from "typebox/value"
import { SampleCommand, SampleSettings, type Behaviour } from "./sample-protocol.ts"

/**
 * The mail server of the sample company, a process of its own: SMTP with a mailbox folder for each address, and beside
 * it a server that stands for the rest of the world. It fails as told, so that one can watch what Lifeboat does.
 */
const settings: SampleSettings = Value.Parse(SampleSettings, JSON.parse(process.argv[2] ?? "{}"))
const greylistMs = 60_000
let behaviour: Behaviour = settings.behave
const greylisted = new Map<string, number>()

function refusal(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code })
}

async function store(session: SMTPServerSession, raw: Buffer): Promise<void> {
  for (const recipient of session.envelope.rcptTo) {
    const folder = join(settings.folder, recipient.address.toLowerCase().replace(/[^a-z0-9@._+-]/g, "_"))
    await mkdir(folder, { recursive: true })
    const name = `${Date.now()}-${randomBytes(4).toString("hex")}`
    await writeFile(join(folder, `${name}.part`), raw)
    await rename(join(folder, `${name}.part`), join(folder, `${name}.eml`))
  }
}

function mailServer(accepts: (address: string) => Error | undefined, banner: () => Error | undefined): SMTPServer {
  return new SMTPServer({
    name: `mail.${settings.domain}`,
    banner: "sample company",
    disabledCommands: ["AUTH", "STARTTLS"],
    authOptional: true,
    disableReverseLookup: true,
    logger: false,
    size: 52_428_800,
    onConnect: (_session, done) => done(banner()),
    onRcptTo: (address, _session, done) => done(accepts(address.address.toLowerCase())),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = []
      stream.on("data", (chunk: Buffer) => chunks.push(chunk))
      stream.on("end", () => {
        store(session, Buffer.concat(chunks)).then(
          () => done(),
          () => done(refusal(451, "4.3.0 cannot write the mailbox")),
        )
      })
    },
  })
}

function known(address: string): Error | undefined {
  const base = address.replace(/\+[^@]*@/, "@")
  if (!settings.addresses.includes(base) && base !== `postmaster@${settings.domain}`) return refusal(550, "5.1.1 no such user here")
  if (behaviour === "defer") return refusal(451, "4.3.2 the system is not accepting messages")
  if (behaviour === "greylist") {
    const first = greylisted.get(base) ?? Date.now()
    greylisted.set(base, first)
    if (Date.now() - first < greylistMs) return refusal(451, "4.7.1 greylisted, please try again in a minute")
  }
  return undefined
}

const primary = mailServer(known, () => (behaviour === "error-banner" ? refusal(554, "5.3.2 this server is not working") : undefined))
const outside = mailServer(() => undefined, () => undefined)
const silent = createServer((socket) => socket.on("error", () => undefined))
let listening: Server | undefined

async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.close(() => resolve()))
}

async function open(): Promise<void> {
  const wanted = behaviour === "refuse" ? undefined : behaviour === "silent" ? silent : primary.server
  if (wanted === listening) return
  if (listening) {
    for (const connection of primary.connections) (connection as { _socket?: { destroy(): void } })._socket?.destroy()
    const old = listening
    listening = undefined
    await Promise.race([close(old), new Promise((resolve) => setTimeout(resolve, 500))])
  }
  if (!wanted) return
  await new Promise<void>((resolve, reject) => {
    wanted.once("error", reject)
    wanted.listen(settings.port, settings.host, () => resolve())
  })
  listening = wanted
}

primary.on("error", () => undefined)
outside.on("error", () => undefined)
process.on("disconnect", () => process.exit(0))
process.on("message", (message) => {
  if (!Value.Check(SampleCommand, message)) return
  behaviour = message.behave
  greylisted.clear()
  void open().then(() => process.send?.({ behaves: behaviour }))
})
await mkdir(settings.folder, { recursive: true })
await open()
outside.listen(settings.outsidePort, settings.host, () => process.send?.({ behaves: behaviour }))
