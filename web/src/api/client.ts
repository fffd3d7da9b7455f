import type { ApiErrorCode } from "@lifeboat/shared/api-errors"

/** An answer of the API that is an error, or no answer at all (`offline`). Pages translate `code`. */
export class ApiError extends Error {
  readonly code: ApiErrorCode | "offline"
  readonly status: number
  constructor(code: ApiErrorCode | "offline", message: string, status: number) {
    super(message)
    this.code = code
    this.status = status
  }
}

type Method = "GET" | "POST" | "PUT" | "DELETE"
type Query = Readonly<Record<string, string | number | boolean | undefined | null>>

let csrf = ""
let bearer: string | undefined
/** Why nobody is signed in here any more: the session ended, another one began in another tab, or its account was removed. */
export type SignedOut = Extract<ApiErrorCode, "not-signed-in" | "csrf" | "account-removed">
const signedOut = new Set<ApiError["code"]>(["not-signed-in", "csrf", "account-removed"])
const isSignedOut = (code: ApiError["code"]): code is SignedOut => signedOut.has(code)
let onSignedOut: (code: SignedOut) => Promise<boolean> = () => Promise.resolve(false)

/** Remembers the value that changing requests carry in `x-csrf-token`. */
export function useCsrf(token: string): void {
  csrf = token
}

/** Calls are made with this token from now on, and without cookies: where a foreign page frames ours there are none. */
export function useBearer(token: string | undefined): void {
  bearer = token
}

/** The value that changing requests carry. */
export const csrfToken = () => csrf

/**
 * Called whenever the API says that the session does not hold any more. The action answers whether the same person is signed in again, so that the request is worth repeating.
 */
export function whenSignedOut(action: (code: SignedOut) => Promise<boolean>): void {
  onSignedOut = action
}

/** After a refusal: waits until its reason is gone, where it is one that passes; answers whether to ask again. */
export const signedInAgain = (code: ApiError["code"]): Promise<boolean> => (isSignedOut(code) ? onSignedOut(code) : Promise.resolve(false))

/** The error in the body of an answer. */
export const refusalOf = (text: string, status: number): ApiError => asError(text === "" ? undefined : parsed(text), status)

/** `/api` + the parts of a path, each encoded. */
export function path(...parts: readonly string[]): string {
  return `/api/${parts.map(encodeURIComponent).join("/")}`
}

/** Appends the parts of a query that have a value. */
export function withQuery(url: string, query: Query): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) if (value !== undefined && value !== null && value !== "") search.set(key, String(value))
  const text = search.toString()
  return text === "" ? url : `${url}?${text}`
}

/**
 * One call of the API with the session's cookie. The answer is trusted to have the shape that its schema in `shared`
 * promises: the same server validates it on the way out. @throws ApiError
 */
export async function call<T>(method: Method, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  try {
    return await callOnce<T>(method, url, body, signal)
  } catch (error) {
    if (error instanceof ApiError && (await signedInAgain(error.code))) return callOnce<T>(method, url, body, signal)
    throw error
  }
}

async function callOnce<T>(method: Method, url: string, body: unknown, signal: AbortSignal | undefined): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" }
  if (bearer !== undefined) headers["authorization"] = `Bearer ${bearer}`
  else if (method !== "GET") headers["x-csrf-token"] = csrf
  if (body !== undefined) headers["content-type"] = "application/json"
  let response: Response
  let text: string
  try {
    response = await fetch(url, { method, headers, credentials: bearer === undefined ? "same-origin" : "omit", body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null })
    text = await response.text()
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error
    throw new ApiError("offline", "Lifeboat does not answer.", 0)
  }
  const reply: unknown = text === "" ? undefined : parsed(text)
  if (response.ok) return reply as T
  throw asError(reply, response.status)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function asError(reply: unknown, status: number): ApiError {
  if (typeof reply === "object" && reply !== null && "code" in reply && typeof reply.code === "string")
    return new ApiError(reply.code as ApiErrorCode, "message" in reply ? String(reply.message) : "", status)
  return new ApiError(status === 404 ? "not-found" : status >= 500 ? "unavailable" : "internal", "", status)
}

/** GET that is asked once, whatever becomes of the session. @throws ApiError */
export const getOnce = <T>(url: string) => callOnce<T>("GET", url, undefined, undefined)
/** GET. @throws ApiError */
export const get = <T>(url: string, signal?: AbortSignal) => call<T>("GET", url, undefined, signal)
/** POST. @throws ApiError */
export const post = <T>(url: string, body?: unknown) => call<T>("POST", url, body)
/** PUT. @throws ApiError */
export const put = <T>(url: string, body: unknown) => call<T>("PUT", url, body)
/** DELETE. @throws ApiError */
export const del = <T>(url: string) => call<T>("DELETE", url)
