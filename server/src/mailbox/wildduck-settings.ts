import type { Config } from "../config.ts"

/** What WildDuck's settings file is made of, besides our own settings. */
export interface WildDuckSettings {
  /** From {@link wildDuckMongoUrl}. */
  readonly mongoUrl: string
  readonly redisUrl: string
  readonly certificate: { readonly certFile: string; readonly keyFile: string }
  readonly accessToken: string
  readonly apiPort: number
}

const database = "wildduck"

/**
 * The connection string for WildDuck's own database on the same servers. Its writes must be as durable as ours: it
 * takes the server's default otherwise.
 */
export function wildDuckMongoUrl(mongoUrl: string): string {
  const match = /^(mongodb(?:\+srv)?:\/\/)([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(mongoUrl)
  const [, scheme, hosts, named, query] = match ?? []
  if (scheme === undefined || hosts === undefined) throw new TypeError("not a MongoDB connection string")
  const options = new URLSearchParams(query ?? "")
  // Without it the user would be looked up in WildDuck's database instead of where the given string says.
  if (hosts.includes("@") && !options.has("authSource")) options.set("authSource", named || "admin")
  options.set("w", "majority")
  options.set("journal", "true")
  return `${scheme}${hosts}/${database}?${options.toString()}`
}

/** WildDuck's settings file: IMAP with STARTTLS and with TLS, POP3 with TLS, the API on this machine only. */
export function wildDuckToml(config: Config, settings: WildDuckSettings): string {
  const { ports } = config
  const maxMb = Math.ceil(config.limits.messageBytes / 1_048_576)
  return [
    `ident = "lifeboat-wildduck"`,
    `processes = 1`,
    `emailDomain = ${quote(config.hostname)}`,
    `maxStorage = 51200`,
    "",
    "[log]",
    `level = "warn"`,
    "skipFetchLog = true",
    "",
    "[dbs]",
    `mongo = ${quote(settings.mongoUrl)}`,
    `sender = ${quote(database)}`,
    "",
    ...redisTable(settings.redisUrl),
    "",
    "[tls]",
    `cert = ${quote(settings.certificate.certFile)}`,
    `key = ${quote(settings.certificate.keyFile)}`,
    "",
    "[imap]",
    "enabled = true",
    `host = ${quote(config.host)}`,
    `port = ${ports.imaps}`,
    "secure = true",
    `maxMB = ${maxMb}`,
    "maxConnections = 100",
    "maxDownloadMB = 102400",
    "maxUploadMB = 102400",
    `name = "Lifeboat"`,
    "",
    "[[imap.interface]]",
    "enabled = true",
    `host = ${quote(config.host)}`,
    `port = ${ports.imap}`,
    "secure = false",
    "ignoreSTARTTLS = false",
    "",
    "[imap.setup]",
    `hostname = ${quote(config.hostname)}`,
    "secure = true",
    `port = ${ports.imaps}`,
    "",
    "[pop3]",
    "enabled = true",
    `host = ${quote(config.host)}`,
    `port = ${ports.pop3s}`,
    "secure = true",
    "disableVersionString = true",
    "maxMessages = 10000",
    "maxDownloadMB = 102400",
    `name = "Lifeboat"`,
    "",
    "[pop3.setup]",
    `hostname = ${quote(config.hostname)}`,
    "secure = true",
    `port = ${ports.pop3s}`,
    "",
    "[smtp.setup]",
    `hostname = ${quote(config.hostname)}`,
    "secure = true",
    `port = ${ports.submissions}`,
    "",
    "[lmtp]",
    "enabled = false",
    "",
    "[api]",
    "enabled = true",
    `host = "127.0.0.1"`,
    `port = ${settings.apiPort}`,
    "secure = false",
    `accessToken = ${quote(settings.accessToken)}`,
    "",
    "[api.cors]",
    "origins = []",
    "",
    "[tasks]",
    "enabled = true",
    "",
  ].join("\n")
}

function redisTable(redisUrl: string): string[] {
  const url = new URL(redisUrl)
  const lines = ["[dbs.redis]", `host = ${quote(url.hostname)}`, `port = ${Number(url.port || 6379)}`, `db = ${Number(url.pathname.slice(1) || 0)}`]
  if (url.username) lines.push(`username = ${quote(decodeURIComponent(url.username))}`)
  if (url.password) lines.push(`password = ${quote(decodeURIComponent(url.password))}`)
  if (url.protocol === "rediss:") lines.push("", "[dbs.redis.tls]", `servername = ${quote(url.hostname)}`)
  return lines
}

/** A TOML basic string: the same escapes as JSON's, and DEL besides. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007F")
}
