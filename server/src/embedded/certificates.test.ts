import { X509Certificate } from "node:crypto"
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { connect, createServer } from "node:tls"
import { afterEach, beforeEach, expect, test } from "vitest"
import { loadCertificate } from "./certificates.ts"

const now = new Date("2026-11-23T12:00:00Z")
const day = 86_400_000
let folder = ""

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lifeboat-tls-"))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const options = (hostname = "mail.example.com") => ({ folder: join(folder, "tls"), hostname, given: undefined })

test("the self-signed certificate is for the host name, localhost and 127.0.0.1, its key for us alone", async () => {
  const { cert, keyFile, selfSigned } = await loadCertificate(options(), now)
  const parsed = new X509Certificate(cert)
  expect(selfSigned).toBe(true)
  expect(parsed.checkHost("mail.example.com")).toBeDefined()
  expect(parsed.checkHost("localhost")).toBeDefined()
  expect(parsed.checkIP("127.0.0.1")).toBeDefined()
  expect(parsed.checkHost("other.example.com")).toBeUndefined()
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
})

test("a TLS client that trusts it completes the handshake", async () => {
  const { cert, key } = await loadCertificate(options("localhost"), new Date())
  const server = createServer({ cert, key }, (socket) => socket.end("hello"))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: address.port, servername: "localhost", ca: cert })
    socket.once("data", (chunk: Buffer) => resolve(chunk.toString()))
    socket.once("error", reject)
  })
  server.close()
  expect(text).toBe("hello")
})

test("it is kept over restarts, and made anew for another name, near its end, or when damaged", async () => {
  const first = await loadCertificate(options(), now)
  expect((await loadCertificate(options(), new Date(now.getTime() + 700 * day))).cert).toBe(first.cert)
  const renewed = await loadCertificate(options(), new Date(now.getTime() + 800 * day))
  expect(renewed.cert).not.toBe(first.cert)
  expect(new X509Certificate((await loadCertificate(options("mx.example.org"), now)).cert).checkHost("mx.example.org")).toBeDefined()
  await writeFile(first.certFile, "half a fi")
  expect(new X509Certificate((await loadCertificate(options(), now)).cert).checkHost("mail.example.com")).toBeDefined()
})

test("given files are used as they are, and a wrong one is named", async () => {
  const own = await loadCertificate(options(), now)
  const given = { cert: own.certFile, key: own.keyFile }
  expect(await loadCertificate({ ...options(), given }, now)).toMatchObject({ cert: own.cert, key: own.key, selfSigned: false })
  const missing = { cert: join(folder, "none.pem"), key: own.keyFile }
  await expect(loadCertificate({ ...options(), given: missing }, now)).rejects.toThrow(/^LIFEBOAT_TLS_CERT=.*none\.pem cannot be read \(ENOENT\)\.$/)
  const swapped = { cert: own.keyFile, key: own.certFile }
  await expect(loadCertificate({ ...options(), given: swapped }, now)).rejects.toThrow(/are not a certificate and its key/)
})
