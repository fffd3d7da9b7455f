import { ApiError } from "@lifeboat/shared/api-errors"
import type { Role } from "@lifeboat/shared/schemas/session"
import { pino } from "pino"
import { Registry } from "prom-client"
import { createApiServer, type ApiServer } from "../../src/api/api-server.ts"
import type { ApiDependencies } from "../../src/api/dependencies.ts"
import { Bodies } from "../../src/archive/bodies.ts"
import { readConfig } from "../../src/config.ts"
import { Sessions } from "../../src/identity/sessions.ts"
import { SignIn } from "../../src/identity/sign-in.ts"
import { Users } from "../../src/identity/users.ts"
import { Queue } from "../../src/queue/queue.ts"
import { openDatabase, type Database } from "../../src/store/database.ts"
import type { MessageDocument } from "../../src/store/documents.ts"
import { DomainCache } from "../../src/store/domain-cache.ts"
import { ensureIndexes } from "../../src/store/indexes.ts"
import { createMessageId } from "../../src/archive/message-id.ts"
import { Tracker } from "../../src/tracking/tracker.ts"
import { testDatabase } from "./mongo.ts"

export const testPassword = "correct horse battery"

/** An answer of the API, its JSON taken apart. */
export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly text: string
  readonly headers: Headers
}

export interface TestApi {
  readonly url: string
  readonly api: ApiServer
  readonly database: Database
  readonly domains: DomainCache
  readonly deps: ApiDependencies
  /** Calls with a bearer token; `body` is sent as JSON. */
  call(method: string, path: string, token?: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Makes a user with `testPassword` and signs in; returns the token. */
  signedIn(address: string, role?: Role): Promise<string>
  close(): Promise<void>
}

/** The API on a listening socket with a real database; parts that other tests cover are passed in or refuse. */
export async function startTestApi(parts: Partial<ApiDependencies> = {}): Promise<TestApi> {
  const database = parts.database ?? (await openTestDatabase())
  const log = pino({ level: "silent" })
  const domains = new DomainCache(database, log)
  await domains.start()
  const sessions = new Sessions(database)
  const nothing = () => Promise.resolve()
  const users = new Users(database, sessions, { userChanged: nothing, userRemoved: nothing, coverageChanged: nothing })
  const notHere = () => Promise.reject(new ApiError("unavailable"))
  const deps: ApiDependencies = {
    config: readConfig({}),
    log,
    database,
    domains,
    sessions,
    users,
    signIn: new SignIn(database, log),
    bodies: new Bodies(database),
    queue: new Queue(database, "test"),
    tracker: new Tracker(database, log),
    mail: { checkRecipient: notHere, accept: notHere },
    continuity: { force: nothing, settingsChanged: nothing, outageReport: () => Promise.resolve(undefined), releaseRefused: notHere, failRefused: notHere, probe: notHere },
    mailbox: undefined,
    readiness: () => Promise.resolve({ database: null }),
    metrics: new Registry(),
    webFolder: "/nonexistent",
    ...parts,
  }
  const api = await createApiServer(deps)
  const url = `http://127.0.0.1:${await api.listen("127.0.0.1", 0)}`
  const call: TestApi["call"] = async (method, path, token, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const json: unknown = response.headers.get("content-type")?.includes("json") && text !== "" ? JSON.parse(text) : {}
    return { status: response.status, body: json as Record<string, unknown>, text, headers: response.headers }
  }
  return {
    url,
    api,
    database,
    domains,
    deps,
    call,
    signedIn: async (address, role = "user") => {
      const domain = address.slice(address.lastIndexOf("@") + 1)
      await users.create(domain, { address, name: address, role, password: testPassword }, new Set())
      const answer = await call("POST", "/api/session", undefined, { address, password: testPassword })
      return String(answer.body["token"])
    },
    close: async () => {
      await api.close()
      await domains.stop()
      if (parts.database) return
      await database.db.dropDatabase()
      await database.close()
    },
  }
}

async function openTestDatabase(): Promise<Database> {
  const { url, dbName } = testDatabase()
  const database = await openDatabase(url, { lifeboat: dbName, wildduck: `${dbName}_wildduck` })
  await ensureIndexes(database)
  return database
}

/** A message as it lies in the database, for lists. */
export function storedMessage(change: Partial<MessageDocument> = {}): MessageDocument {
  const receivedAt = change.receivedAt ?? new Date()
  return {
    _id: createMessageId(receivedAt),
    receivedAt,
    // From now on, or the database would remove mails of a fixed date in the middle of a test.
    expireAt: new Date(Date.now() + 90 * 86_400_000),
    direction: "inbound",
    domains: ["example.com"],
    owners: ["anna@example.com"],
    envelope: { mailFrom: "sender@elsewhere.example", rcptTo: ["anna@example.com"], smtpUtf8: false, eightBit: false },
    client: { address: "192.0.2.1", name: "", helo: "elsewhere.example", tls: true, user: null },
    summary: { subject: "Subject", from: "Sender <sender@elsewhere.example>", to: "anna@example.com", messageId: "<1@elsewhere.example>", date: receivedAt },
    trace: "",
    size: 100,
    hasBody: true,
    deliveries: [],
    version: 0,
    status: "delivered",
    viaService: false,
    deliveredAt: receivedAt,
    ...change,
  }
}
