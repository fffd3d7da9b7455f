import { BlockList, isIP } from "node:net"
import { isAbsolute, join, resolve } from "node:path"

/** A role of this node: what it does for the installation (`LIFEBOAT_ROLES`). */
export type Role = "gateway" | "delivery" | "api" | "observer" | "store"

const roles: readonly Role[] = ["gateway", "delivery", "api", "observer", "store"]

/** All settings of one node, read once at start. Ports are TCP ports, times are milliseconds, sizes are bytes. */
export interface Config {
  /** Folder with all state of the embedded parts (`LIFEBOAT_DATA`, absolute). */
  readonly dataDir: string
  /** Folder for downloaded parts, shared by installations (`LIFEBOAT_CACHE`, absolute). */
  readonly cacheDir: string
  /** Address that all listeners bind (`LIFEBOAT_HOST`). */
  readonly host: string
  /** The name it calls itself by in SMTP, IMAP and links (`LIFEBOAT_HOSTNAME`). */
  readonly hostname: string
  /** Where browsers reach the pages, for links in mails, without a slash at its end (`LIFEBOAT_URL`); default `http://` with hostname and HTTP port. */
  readonly publicUrl: string
  /** The Outlook add-in (G1). */
  readonly outlook: {
    /** Where the task pane loads Office.js from (`LIFEBOAT_OFFICE_JS`); default Microsoft's own server, the only one it supports. */
    readonly officeJs: string
    /** Further origins whose Outlook on the web may frame the task pane: an Exchange server of one's own (`LIFEBOAT_OUTLOOK_WEB`, separated by commas). */
    readonly webOrigins: readonly string[]
  }
  readonly ports: {
    readonly http: number
    readonly smtp: number
    readonly submission: number
    readonly submissions: number
    readonly imap: number
    readonly imaps: number
    readonly pop3s: number
  }
  /** External MongoDB (`LIFEBOAT_MONGO_URL`); undefined: embedded. */
  readonly mongoUrl: string | undefined
  /** Cache of the embedded MongoDB, MiB (`LIFEBOAT_MONGO_CACHE_MB`). */
  readonly mongoCacheMb: number
  /** External Redis (`LIFEBOAT_REDIS_URL`); undefined: embedded. */
  readonly redisUrl: string | undefined
  readonly admin: { readonly address: string; readonly password: string | undefined }
  /** Certificate and key files (`LIFEBOAT_TLS_CERT`, `LIFEBOAT_TLS_KEY`); undefined: self-signed. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
  readonly roles: ReadonlySet<Role>
  /** Divisor of every waiting time of the mode machine, probes, retry schedule and SMTP time-outs (`LIFEBOAT_TIMING`). */
  readonly timing: number
  /** Divides a waiting time by `timing`. */
  scaled(ms: number): number
  /** The same for a network time-out, never below 500 ms. */
  scaledTimeout(ms: number): number
  readonly limits: Limits
  /** Log level of pino (`LIFEBOAT_LOG`): `debug`, `info`, `warn` or `error`. */
  readonly logLevel: string
  /** Smarthost for mail to the outside of domains that have none of their own (`LIFEBOAT_SMARTHOST`, `host:port`); undefined: by MX. */
  readonly smarthost: { readonly host: string; readonly port: number } | undefined
  /** Private networks from which pictures in mails may be fetched all the same (`LIFEBOAT_PICTURE_NETWORKS`, `address/bits`, separated by commas); default none. */
  readonly pictureNetworks: BlockList
}

/** Bounds on what a stranger can make us do. */
export interface Limits {
  /** Largest message accepted, bytes (`LIFEBOAT_MESSAGE_BYTES`). */
  readonly messageBytes: number
  /** Recipients in one transaction (`LIFEBOAT_RECIPIENTS`); further ones get 452 4.5.3. */
  readonly recipients: number
  /** Concurrent SMTP connections (`LIFEBOAT_CONNECTIONS`). */
  readonly connections: number
  /** Concurrent SMTP connections of one address (`LIFEBOAT_CONNECTIONS_PER_ADDRESS`). */
  readonly connectionsPerAddress: number
  /** Received headers after which a message loops (`LIFEBOAT_HOPS`, RFC 5321 §6.3). */
  readonly hops: number
  /** Header fields of one message (`LIFEBOAT_HEADERS`). */
  readonly headers: number
  /** Bytes of one message's header block (`LIFEBOAT_HEADER_BYTES`). */
  readonly headerBytes: number
  /** Longest line taken as it is, bytes (`LIFEBOAT_LINE_BYTES`). */
  readonly lineBytes: number
}

/** Thrown for a setting that cannot be understood; the message names it and what is expected. */
export class ConfigError extends Error {}

function integer(env: NodeJS.ProcessEnv, name: string, fallback: number, min: number, max: number): number {
  const text = env[name]
  if (text === undefined || text === "") return fallback
  const value = Number(text)
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new ConfigError(`${name}=${text} is not a whole number from ${min} to ${max}.`)
  }
  return value
}

function readRoles(text: string | undefined): ReadonlySet<Role> {
  if (!text || text === "all") return new Set(roles)
  const chosen = text.split(",").map((name) => name.trim())
  const known = roles.filter((role) => chosen.includes(role))
  if (known.length !== new Set(chosen).size) throw new ConfigError(`LIFEBOAT_ROLES=${text} may name only ${roles.join(", ")}.`)
  return new Set(known)
}

function readHostPort(name: string, text: string | undefined): { host: string; port: number } | undefined {
  if (!text) return undefined
  const match = /^(.+):(\d{1,5})$/.exec(text)
  if (!match?.[1] || Number(match[2]) > 65535) throw new ConfigError(`${name}=${text} is not host:port.`)
  return { host: match[1], port: Number(match[2]) }
}

function readUrl(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") throw new ConfigError(`${name}=${text} is not an address like https://lifeboat.example.com.`)
  return url.href.replace(/\/+$/, "")
}

function readOrigins(name: string, text: string | undefined): readonly string[] {
  return (text ?? "").split(",").map((each) => each.trim()).filter((each) => each !== "").map((each) => new URL(readUrl(name, each)).origin)
}

/** Networks written as `address/bits`, separated by commas. */
function readNetworks(name: string, text: string): BlockList {
  const list = new BlockList()
  for (const part of text.split(",").map((each) => each.trim()).filter((each) => each !== "")) {
    const [, address = "", bits = ""] = /^([\da-f.:]+)\/(\d{1,3})$/i.exec(part) ?? []
    const version = isIP(address)
    if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) throw new ConfigError(`${name}=${part} is not a network like 10.1.0.0/16.`)
    list.addSubnet(address, Number(bits), version === 4 ? "ipv4" : "ipv6")
  }
  return list
}

/** Reads the environment into settings. Throws {@link ConfigError} with a sentence a person can act on. */
export function readConfig(env: NodeJS.ProcessEnv = process.env, cwd = process.cwd()): Config {
  const port = (name: string, fallback: number) => integer(env, name, fallback, 1, 65535)
  const timing = Number(env["LIFEBOAT_TIMING"] ?? 1)
  if (!(timing > 0)) throw new ConfigError(`LIFEBOAT_TIMING=${env["LIFEBOAT_TIMING"]} is not a number above 0.`)
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(cwd, path))
  const cert = env["LIFEBOAT_TLS_CERT"]
  const key = env["LIFEBOAT_TLS_KEY"]
  if ((cert === undefined) !== (key === undefined)) throw new ConfigError("LIFEBOAT_TLS_CERT and LIFEBOAT_TLS_KEY go together.")
  const hostname = env["LIFEBOAT_HOSTNAME"] ?? "localhost"
  const http = port("LIFEBOAT_HTTP_PORT", 8080)
  return {
    dataDir: absolute(env["LIFEBOAT_DATA"] ?? "data"),
    cacheDir: absolute(env["LIFEBOAT_CACHE"] ?? join(env["XDG_CACHE_HOME"] ?? join(env["HOME"] ?? ".", ".cache"), "lifeboat")),
    host: env["LIFEBOAT_HOST"] ?? "127.0.0.1",
    hostname,
    publicUrl: readUrl("LIFEBOAT_URL", env["LIFEBOAT_URL"] || `http://${hostname}:${http}`),
    outlook: {
      officeJs: readUrl("LIFEBOAT_OFFICE_JS", env["LIFEBOAT_OFFICE_JS"] || "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"),
      webOrigins: readOrigins("LIFEBOAT_OUTLOOK_WEB", env["LIFEBOAT_OUTLOOK_WEB"]),
    },
    ports: {
      http,
      smtp: port("LIFEBOAT_SMTP_PORT", 2525),
      submission: port("LIFEBOAT_SUBMISSION_PORT", 2587),
      submissions: port("LIFEBOAT_SUBMISSIONS_PORT", 2465),
      imap: port("LIFEBOAT_IMAP_PORT", 2143),
      imaps: port("LIFEBOAT_IMAPS_PORT", 2993),
      pop3s: port("LIFEBOAT_POP3S_PORT", 2995),
    },
    mongoUrl: env["LIFEBOAT_MONGO_URL"] || undefined,
    mongoCacheMb: integer(env, "LIFEBOAT_MONGO_CACHE_MB", 256, 256, 1_048_576),
    redisUrl: env["LIFEBOAT_REDIS_URL"] || undefined,
    admin: { address: env["LIFEBOAT_ADMIN_ADDRESS"] || "admin@localhost", password: env["LIFEBOAT_ADMIN_PASSWORD"] || undefined },
    tls: cert !== undefined && key !== undefined ? { cert: absolute(cert), key: absolute(key) } : undefined,
    roles: readRoles(env["LIFEBOAT_ROLES"]),
    timing,
    scaled: (ms) => ms / timing,
    scaledTimeout: (ms) => Math.max(500, ms / timing),
    limits: {
      messageBytes: integer(env, "LIFEBOAT_MESSAGE_BYTES", 36_700_160, 65_536, 1_073_741_824),
      recipients: integer(env, "LIFEBOAT_RECIPIENTS", 1000, 1, 10_000),
      connections: integer(env, "LIFEBOAT_CONNECTIONS", 1000, 1, 100_000),
      connectionsPerAddress: integer(env, "LIFEBOAT_CONNECTIONS_PER_ADDRESS", 200, 1, 100_000),
      hops: integer(env, "LIFEBOAT_HOPS", 50, 5, 1000),
      headers: integer(env, "LIFEBOAT_HEADERS", 5000, 100, 1_000_000),
      headerBytes: integer(env, "LIFEBOAT_HEADER_BYTES", 6_291_456, 65_536, 67_108_864),
      lineBytes: integer(env, "LIFEBOAT_LINE_BYTES", 1_048_576, 998, 67_108_864),
    },
    logLevel: env["LIFEBOAT_LOG"] ?? "info",
    smarthost: readHostPort("LIFEBOAT_SMARTHOST", env["LIFEBOAT_SMARTHOST"]),
    pictureNetworks: readNetworks("LIFEBOAT_PICTURE_NETWORKS", env["LIFEBOAT_PICTURE_NETWORKS"] ?? ""),
  }
}
