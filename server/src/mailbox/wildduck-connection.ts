import type { Static, TSchema } from "typebox"
import { Value } from "typebox/value"
import { Failure } from "./wildduck-schemas.ts"
import { WildDuckError, classifyAnswer } from "./wildduck-error.ts"

/** Where WildDuck's API is and what opens it (see `wildduck-process`). */
export interface WildDuckAccess {
  /** Base URL without a slash at the end. */
  readonly apiUrl: string
  /** Opens every mailbox: never log it. */
  readonly accessToken: string
}

/** One request. Values of `query` that are undefined are left out. */
export interface WildDuckRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly json?: unknown
  /** A raw message instead of JSON (message/rfc822). */
  readonly raw?: Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
  /** Until the whole answer is there (streams: until its header is), milliseconds. */
  readonly timeout?: number
  readonly signal?: AbortSignal | undefined
}

const defaultTimeout = 10_000
/** An answer this long is no answer of WildDuck's any more. */
const maxAnswerBytes = 128 * 1_048_576

/** HTTP to WildDuck over kept-alive connections. Throws {@link WildDuckError} and nothing else. */
export class WildDuckConnection {
  readonly #access: () => WildDuckAccess

  /** `access` is asked for each request: the port may be another after a restart. */
  constructor(access: WildDuckAccess | (() => WildDuckAccess)) {
    this.#access = typeof access === "function" ? access : () => access
  }

  /** Sends a request and checks the JSON answer against `schema`. */
  async json<Schema extends TSchema>(request: WildDuckRequest, schema: Schema): Promise<Static<Schema>> {
    const signal = this.#deadline(request)
    const response = await this.#send(request, signal)
    const answer: unknown = await this.#readJson(response)
    if (response.ok && Value.Check(schema, answer)) return answer
    throw failureOf(response.status, answer)
  }

  /** Sends a request whose answer is bytes. The caller reads the stream to its end or cancels it. */
  async stream(request: WildDuckRequest): Promise<{ readonly body: ReadableStream<Uint8Array>; readonly headers: Headers }> {
    const answered = new AbortController()
    const timer = setTimeout(() => answered.abort(new DOMException("no answer in time", "TimeoutError")), request.timeout ?? defaultTimeout)
    const signal = request.signal ? AbortSignal.any([answered.signal, request.signal]) : answered.signal
    try {
      const response = await this.#send(request, signal)
      const json = response.headers.get("content-type")?.startsWith("application/json") === true
      // Some of its errors come with status 200 and a JSON body.
      if (!response.ok || (json && request.headers?.["Accept"] !== "*/*")) throw failureOf(response.status, await this.#readJson(response))
      return { body: response.body ?? new ReadableStream({ start: (controller) => controller.close() }), headers: response.headers }
    } finally {
      clearTimeout(timer)
    }
  }

  #deadline(request: WildDuckRequest): AbortSignal {
    const timeout = AbortSignal.timeout(request.timeout ?? defaultTimeout)
    return request.signal ? AbortSignal.any([timeout, request.signal]) : timeout
  }

  async #send(request: WildDuckRequest, signal: AbortSignal): Promise<Response> {
    const { apiUrl, accessToken } = this.#access()
    const url = new URL(apiUrl + request.path)
    for (const [name, value] of Object.entries(request.query ?? {})) if (value !== undefined) url.searchParams.set(name, String(value))
    const headers: Record<string, string> = { ...request.headers, "X-Access-Token": accessToken }
    if (request.raw) headers["Content-Type"] = "message/rfc822"
    else if (request.json !== undefined) headers["Content-Type"] = "application/json"
    const body = request.raw ?? (request.json === undefined ? null : JSON.stringify(request.json))
    try {
      return await fetch(url, { method: request.method, headers, body, signal, redirect: "error" })
    } catch (error) {
      throw temporary(error)
    }
  }

  async #readJson(response: Response): Promise<unknown> {
    try {
      const chunks: Uint8Array[] = []
      let size = 0
      for await (const chunk of response.body ?? []) {
        size += chunk.byteLength
        if (size > maxAnswerBytes) throw new Error("the answer has no end")
        chunks.push(chunk)
      }
      return size === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString("utf8"))
    } catch (error) {
      throw temporary(error)
    }
  }
}

/** A path below the API's root, its parts escaped. */
export function pathOf(...parts: readonly (string | number)[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join("")
}

function failureOf(status: number, answer: unknown): WildDuckError {
  const { error, code } = Value.Check(Failure, answer) ? answer : {}
  const name = code === undefined ? undefined : String(code)
  const text = error ?? `unexpected answer (${status})`
  return new WildDuckError(classifyAnswer(status, name, text), status, name, text)
}

/** No answer at all: it is down, frozen, or went away in the middle. */
function temporary(error: unknown): WildDuckError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : undefined
  const name = error instanceof Error ? error.name : ""
  const text = name === "TimeoutError" ? "no answer in time" : name === "AbortError" ? "given up" : cause instanceof Error ? cause.message || name : String(cause)
  return new WildDuckError("temporary", 0, code, text)
}
