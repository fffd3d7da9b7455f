import { X509Certificate } from "node:crypto"
import { mkdir, readFile, rename, writeFile } from "node:fs/promises"
import { isIP } from "node:net"
import { join } from "node:path"
import { createSecureContext } from "node:tls"
import { generate } from "selfsigned"
import { PartError } from "./part-error.ts"

/** What TLS listeners show: PEM texts, and the files that hold them (for parts that read files). */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly certFile: string
  readonly keyFile: string
  readonly selfSigned: boolean
}

/** Which certificate is wanted. */
export interface CertificateOptions {
  /** Folder of the self-signed one. */
  readonly folder: string
  readonly hostname: string
  /** Files given by LIFEBOAT_TLS_CERT and LIFEBOAT_TLS_KEY. */
  readonly given: { readonly cert: string; readonly key: string } | undefined
}

const day = 86_400_000
/** Apple's limit for any server certificate. */
const lifetime = 825 * day
const renewBefore = 30 * day

/**
 * The certificate of this installation: the given files, else a self-signed one for the host name, localhost and
 * 127.0.0.1, made once and kept. It is made anew when the name changes or its end is near. Throws {@link PartError}.
 */
export async function loadCertificate(options: CertificateOptions, now: Date): Promise<Certificate> {
  if (options.given !== undefined) return readGiven(options.given)
  const certFile = join(options.folder, "cert.pem")
  const keyFile = join(options.folder, "key.pem")
  const [cert, key] = await Promise.all([certFile, keyFile].map((file) => readFile(file, "utf8").catch(() => "")))
  if (cert && key && stillGood(cert, key, options.hostname, now)) return { cert, key, certFile, keyFile, selfSigned: true }
  const made = await makeSelfSigned(options.hostname, now)
  await mkdir(options.folder, { recursive: true, mode: 0o700 })
  await replaceFile(keyFile, made.key)
  await replaceFile(certFile, made.cert)
  return { ...made, certFile, keyFile, selfSigned: true }
}

async function readGiven(given: { readonly cert: string; readonly key: string }): Promise<Certificate> {
  const [cert, key] = await Promise.all([readSetting("LIFEBOAT_TLS_CERT", given.cert), readSetting("LIFEBOAT_TLS_KEY", given.key)])
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new PartError(`LIFEBOAT_TLS_CERT=${given.cert} and LIFEBOAT_TLS_KEY=${given.key} are not a certificate and its key in PEM form (${reason}).`)
  }
  return { cert, key, certFile: given.cert, keyFile: given.key, selfSigned: false }
}

async function readSetting(setting: string, path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new PartError(`${setting}=${path} cannot be read (${error.code ?? error.message}).`)
  })
}

function stillGood(cert: string, key: string, hostname: string, now: Date): boolean {
  try {
    createSecureContext({ cert, key })
    const parsed = new X509Certificate(cert)
    const named = isIP(hostname) ? parsed.checkIP(hostname) : parsed.checkHost(hostname)
    return named !== undefined && parsed.validToDate.getTime() - now.getTime() > renewBefore
  } catch {
    return false
  }
}

async function makeSelfSigned(hostname: string, now: Date): Promise<{ cert: string; key: string }> {
  const names = [...new Set([hostname, "localhost"])].filter((name) => isIP(name) === 0)
  const addresses = [...new Set(["127.0.0.1", "::1", ...(isIP(hostname) ? [hostname] : [])])]
  const made = await generate([{ name: "commonName", value: hostname }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    // A clock that runs a little behind must not refuse it.
    notBeforeDate: new Date(now.getTime() - day),
    notAfterDate: new Date(now.getTime() + lifetime - day),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [...names.map((value) => ({ type: 2 as const, value })), ...addresses.map((ip) => ({ type: 7 as const, ip }))],
      },
    ],
  })
  return { cert: made.cert, key: made.private }
}

async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.new`
  await writeFile(temporary, text, { mode: 0o600 })
  await rename(temporary, path)
}
