import { execFile, spawn, type ChildProcess } from "node:child_process"
import { chmod, chown, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises"
import { existsSync } from "node:fs"
import { createConnection } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"
import { guard } from "../support/guardian.ts"

const run = promisify(execFile)
const path = { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` }
const environment = { ...process.env, ...path }

/** Whether Debian's Postfix is here and may be run (its master process needs root). */
export function postfixAvailable(): boolean {
  return existsSync("/usr/sbin/postfix") && existsSync("/usr/sbin/smtp-source") && process.getuid?.() === 0
}

/** The peer: a Postfix instance of its own on loopback, with the packaged services and defaults that matter left alone. */
export interface Postfix {
  readonly port: number
  /** Mails in its queue. */
  queued(): Promise<number>
  flush(): Promise<void>
  stop(): Promise<void>
}

/** Starts it: mail for example.com goes to `nextHop` on loopback. */
export async function startPostfix(port: number, nextHop: number): Promise<Postfix> {
  const folder = await mkdtemp(join(tmpdir(), "lifeboat-peer-"))
  const etc = join(folder, "etc")
  await chmod(folder, 0o755)
  for (const name of ["etc", "queue", "data"]) await mkdir(join(folder, name), { mode: 0o755 })
  const { stdout: uid } = await run("id", ["-u", "postfix"])
  await chown(join(folder, "data"), Number(uid), 0)
  for (const name of await readdir("/etc/postfix")) if (/^(dynamicmaps\.cf|postfix-files)/.test(name)) await cp(join("/etc/postfix", name), join(etc, name), { recursive: true })
  const services = await readFile("/usr/share/postfix/master.cf.dist", "utf8")
  const master = services.split("\n").map((line) => {
    const fields = line.trim().split(/\s+/)
    if (/^[#\s]/.test(line) || fields.length < 8) return line
    fields[4] = "n"
    if (fields[0] === "smtp" && fields[1] === "inet") fields[0] = `127.0.0.1:${port}`
    return fields.join(" ")
  })
  if (!master.some((line) => line.startsWith("postlog"))) master.push("postlog unix-dgram n - n - 1 postlogd")
  await writeFile(join(etc, "master.cf"), `${master.join("\n")}\n`)
  const settings: Record<string, string> = {
    compatibility_level: "3.6",
    queue_directory: join(folder, "queue"),
    data_directory: join(folder, "data"),
    myhostname: "peer.localdomain",
    mydestination: "",
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    mynetworks: "127.0.0.0/8",
    alias_maps: "",
    relay_domains: "example.com",
    transport_maps: `inline:{example.com=smtp:[127.0.0.1]:${nextHop}}`,
    smtpd_tls_security_level: "none",
    smtp_tls_security_level: "none",
    smtpd_client_connection_count_limit: "0",
    default_process_limit: "100",
    minimal_backoff_time: "3600s",
    queue_run_delay: "3600s",
    maillog_file_prefixes: folder,
    maillog_file: join(folder, "mail.log"),
  }
  await writeFile(join(etc, "main.cf"), Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`).join(""))
  const { stdout: known } = await run("postconf", ["-h", "alternate_config_directories"], { env: environment })
  const gone = [guard({ run: ["postconf", "-e", `alternate_config_directories = ${known.trim()}`], env: path, remove: folder }), guard({ run: ["postfix", "-c", etc, "stop"], env: path })]
  await run("postconf", ["-e", `alternate_config_directories = ${known.trim()} ${etc}`], { env: environment })
  await run("postfix", ["-c", etc, "start"], { env: environment })
  await answering(port)
  const queued = async () => {
    const counts = await Promise.all(["deferred", "active", "incoming", "maildrop"].map(async (name) => {
      const entries = await readdir(join(folder, "queue", name), { recursive: true, withFileTypes: true }).catch(() => [])
      return entries.filter((entry) => entry.isFile()).length
    }))
    return counts.reduce((sum, count) => sum + count, 0)
  }
  return {
    port,
    queued,
    flush: async () => void (await run("postqueue", ["-c", etc, "-f"], { env: environment })),
    stop: async () => {
      await run("postfix", ["-c", etc, "stop"], { env: environment }).catch(() => undefined)
      await run("postconf", ["-e", `alternate_config_directories = ${known.trim()}`], { env: environment }).catch(() => undefined)
      await rm(folder, { recursive: true, force: true })
      for (const each of gone) each()
    },
  }
}

/** Waits until something answers on a loopback port. */
export async function answering(port: number, deadline = 10_000): Promise<void> {
  const until = Date.now() + deadline
  while (Date.now() < until) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = createConnection({ port, host: "127.0.0.1" }, () => {
        socket.destroy()
        resolve(true)
      })
      socket.once("error", () => resolve(false))
    })
    if (open) return
    await sleep(50)
  }
  throw new Error(`nothing answers on port ${port}`)
}

/** Sends mails with Postfix's own load generator over persistent connections; returns mails a second. */
export async function smtpSource(port: number, sessions: number, messages: number, bytes: number): Promise<number> {
  const start = performance.now()
  await run("smtp-source", ["-d", "-s", String(sessions), "-m", String(messages), "-l", String(bytes), "-f", "sender@outside.test", "-t", "user@example.com", `127.0.0.1:${port}`], { env: environment, timeout: 300_000 })
  return messages / ((performance.now() - start) / 1000)
}

/** Postfix's own sink: a mail server that takes everything; with `count` it ends by itself after so many mails. */
export async function startSink(port: number, count?: number): Promise<{ readonly done: Promise<void>; stop(): Promise<void> }> {
  const user = process.getuid?.() === 0 ? ["-u", "root"] : []
  const sink: ChildProcess = spawn("smtp-sink", [...user, ...(count === undefined ? [] : ["-M", String(count)]), `127.0.0.1:${port}`, "200"], { env: environment, stdio: "ignore" })
  const gone = guard({ pid: sink.pid })
  const done = new Promise<void>((resolve) => sink.once("exit", () => resolve())).then(gone)
  await answering(port)
  return {
    done,
    stop: async () => {
      sink.kill("SIGKILL")
      await done
    },
  }
}
