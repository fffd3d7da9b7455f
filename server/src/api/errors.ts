import { STATUS_CODES } from "node:http"
import type { Socket } from "node:net"
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { MongoError, MongoNetworkError, MongoServerError } from "mongodb"
import { ApiError, type ApiErrorCode } from "@lifeboat/shared/api-errors"
import type { Logger } from "../logger.ts"
import { WildDuckError, type WildDuckFailure } from "../mailbox/wildduck-error.ts"
import { DeadlineError } from "../store/deadline.ts"

const fastifyCodes: Readonly<Record<string, ConstructorParameters<typeof ApiError>>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ["too-large"],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["unsupported-type"],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["invalid", "The body is empty."],
  FST_ERR_CTP_INVALID_JSON_BODY: ["invalid", "The body is not JSON."],
}

const wildDuckCodes: Readonly<Record<WildDuckFailure, ApiErrorCode>> = {
  temporary: "mailbox-unavailable",
  "over-quota": "mailbox-full",
  "user-disabled": "no-mailbox",
  "not-found": "not-found",
  exists: "folder-exists",
  unstorable: "too-large",
  refused: "invalid",
}

const mongoTimeLimit = 50

function isDatabaseAway(error: unknown): boolean {
  if (error instanceof MongoServerError) return error.code === mongoTimeLimit || error.hasErrorLabel("RetryableWriteError") || error.hasErrorLabel("TransientTransactionError")
  return error instanceof DeadlineError || error instanceof MongoNetworkError || (error instanceof MongoError && /Timeout|ServerSelection|PoolCleared|PoolClosed|NotConnected|Topology/.test(error.name))
}

/** What a thrown value is to the caller. Anything nobody foresaw is `internal`. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (isDatabaseAway(error)) return new ApiError("unavailable", undefined, 5)
  if (error instanceof WildDuckError) return new ApiError(wildDuckCodes[error.failure], undefined, error.failure === "temporary" ? 5 : undefined)
  const { validation, code, statusCode } = (error instanceof Error ? error : {}) as Partial<FastifyError>
  if (validation) return new ApiError("invalid", error instanceof Error ? error.message : undefined)
  const known = code === undefined ? undefined : fastifyCodes[code]
  if (known) return new ApiError(...known)
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new ApiError("invalid")
  return new ApiError("internal")
}

/** Answers every error as `{code, message}`, and logs what is ours. */
export function handleErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error, request: FastifyRequest, reply: FastifyReply) => {
    const answer = toApiError(error)
    if (answer.status >= 500) {
      log.error({ request: request.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error), method: request.method, route: request.routeOptions.url }, "request failed")
    }
    if (answer.retryAfter !== undefined) void reply.header("retry-after", String(Math.ceil(answer.retryAfter)))
    void reply.code(answer.status).type("application/json").serializer(JSON.stringify).send({ code: answer.code, message: answer.message })
  })
}

/** Answers what could not even be read as a request (no HTTP, a head that is too large, one that never ends) in the same form. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy()
  const [status, { code, message }] = error.code === "HPE_HEADER_OVERFLOW" ? [431, new ApiError("too-large")] : [error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400, new ApiError("invalid")]
  const body = JSON.stringify({ code, message })
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
}
