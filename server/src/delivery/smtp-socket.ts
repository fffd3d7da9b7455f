import { connect, isIP, type Socket } from "node:net"
import { connect as connectTls } from "node:tls"
import { SmtpFailure } from "./smtp-failure.ts"
import { seconds } from "./smtp-timeouts.ts"

/** Where to connect. `servername`: the name for TLS when `host` is an address. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly servername?: string
}

/** Errors of connecting that lie with this machine: no more files, ports or memory. */
const ourOwn: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "ENOMEM", "ENOBUFS", "EADDRNOTAVAIL"])

/** A TCP connection. Throws {@link SmtpFailure} of stage `connect`. */
export async function connectSocket(endpoint: Endpoint, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  const place = `${endpoint.host}:${endpoint.port}`
  if (signal.aborted) throw stopped("connect")
  const socket = connect({ host: endpoint.host, port: endpoint.port, noDelay: true, autoSelectFamilyAttemptTimeout: Math.max(250, Math.floor(timeoutMs / 3)) })
  await ready(socket, "connect", timeoutMs, signal, {
    stopped: stopped("connect"),
    late: new SmtpFailure("connect", "timeout", `cannot connect to ${place}: no answer within ${seconds(timeoutMs)}`),
    failed: (code) => new SmtpFailure("connect", ourOwn.has(code ?? "") ? "local" : "refused", `cannot connect to ${place}${code === undefined ? "" : ` (${code})`}`),
  })
  return socket
}

/**
 * TLS over a connection. The certificate is not checked: servers of companies are often self-signed. Throws
 * {@link SmtpFailure} of stage `tls`; both sockets are closed then.
 */
export async function secureSocket(plain: Socket, name: string, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  const secure = connectTls({ socket: plain, rejectUnauthorized: false, ...(isIP(name) === 0 ? { servername: name } : {}) })
  plain.on("error", () => undefined)
  try {
    await ready(secure, "secureConnect", timeoutMs, signal, {
      stopped: stopped("tls"),
      late: new SmtpFailure("tls", "timeout", `TLS handshake not finished within ${seconds(timeoutMs)}`),
      failed: (code) => new SmtpFailure("tls", "tls", `TLS handshake failed (${code ?? "connection lost"})`),
    })
  } catch (error) {
    plain.destroy()
    throw error
  }
  return secure
}

interface Failures {
  readonly stopped: SmtpFailure
  readonly late: SmtpFailure
  /** `code`: of the system or of TLS; undefined: it was closed. */
  readonly failed: (code: string | undefined) => SmtpFailure
}

/** Waits for `event`; whatever else happens first ends the socket and rejects. */
function ready(socket: Socket, event: "connect" | "secureConnect", timeoutMs: number, signal: AbortSignal, failures: Failures): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (failure: SmtpFailure) => {
      done()
      socket.on("error", () => undefined)
      socket.destroy()
      reject(failure)
    }
    const onReady = () => {
      done()
      resolve()
    }
    const onError = (error: NodeJS.ErrnoException) => fail(failures.failed(error.code ?? error.message))
    const onClose = () => fail(failures.failed(undefined))
    const onAbort = () => fail(failures.stopped)
    const timer = setTimeout(() => fail(failures.late), timeoutMs)
    const done = () => {
      clearTimeout(timer)
      socket.off(event, onReady)
      socket.off("error", onError)
      socket.off("close", onClose)
      signal.removeEventListener("abort", onAbort)
    }
    socket.on(event, onReady)
    socket.on("error", onError)
    socket.on("close", onClose)
    signal.addEventListener("abort", onAbort)
  })
}

function stopped(stage: "connect" | "tls"): SmtpFailure {
  return new SmtpFailure(stage, "aborted", "not tried: this node is stopping")
}
