import { ApiError } from "../api/client.ts"

/** Of a mail's source, so much is shown at most, bytes. */
export const shownBytes = 500_000

/**
 * The beginning of a mail as it was sent, as text, at most `limit` bytes; no more than that is loaded.
 * @throws ApiError
 */
export async function readMailBytes(url: string, limit = shownBytes): Promise<{ text: string; more: boolean }> {
  const stop = new AbortController()
  const answer = await fetch(url, { credentials: "same-origin", signal: stop.signal }).catch(() => undefined)
  if (!answer?.ok || !answer.body) throw new ApiError(answer === undefined ? "offline" : answer.status === 404 ? "not-found" : "unavailable", "", answer?.status ?? 0)
  const chunks: Uint8Array[] = []
  let size = 0
  let more = false
  const reader = answer.body.getReader()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value)
    size += next.value.byteLength
    more = size > limit
    if (more) break
  }
  stop.abort()
  const all = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.byteLength
  }
  return { text: asText(all.subarray(0, limit)), more }
}

/** UTF-8 where it is that, else one character a byte, so that nothing is lost. */
function asText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return new TextDecoder("windows-1252").decode(bytes)
  }
}

/** The header block of a mail's source (RFC 5322 §2.1). */
export function headerOf(text: string): string {
  const end = /\r?\n\r?\n/.exec(text)
  return end ? text.slice(0, end.index) : text
}
