/** What a client gave to sign in with. */
export interface Credentials {
  readonly address: string
  readonly password: string
}

const decoder = new TextDecoder("utf-8", { fatal: true })

/** Decodes one base64 line of AUTH; undefined: not base64 or not UTF-8. `=` is the empty response (RFC 4954 §4). */
export function decodeBase64(text: string): string | undefined {
  if (text === "=") return ""
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  try {
    return decoder.decode(Buffer.from(text, "base64"))
  } catch {
    return undefined
  }
}

/**
 * Reads a PLAIN response (RFC 4616): authorisation id, sign-in name and password between NULs. `other`: it asks to
 * act as somebody else, which nobody may.
 */
export function parsePlain(response: string): Credentials | "other" | undefined {
  const parts = response.split("\0")
  const [authorisation, address, password] = parts
  if (parts.length !== 3 || authorisation === undefined || !address || !password) return undefined
  return authorisation !== "" && authorisation.toLowerCase() !== address.toLowerCase() ? "other" : { address, password }
}
