import type { Uploaded } from "@lifeboat/shared/schemas/outgoing"
import { ApiError, csrfToken, path, refusalOf, signedInAgain, withQuery } from "../api/client.ts"

/** An upload under way. */
export interface Upload {
  readonly done: Promise<Uploaded>
  cancel(): void
}

/** Sends a file to the server; `progress` tells from 0 to 1. @throws ApiError, DOMException `AbortError` after cancel */
export function upload(name: string, file: Blob, progress: (part: number) => void): Upload {
  let request: XMLHttpRequest | undefined
  let cancelled = false
  const once = () =>
    new Promise<Uploaded>((resolve, reject) => {
      if (cancelled) return reject(new DOMException("cancelled", "AbortError"))
      request = new XMLHttpRequest()
      request.open("POST", withQuery(path("mail", "uploads"), { name }))
      request.setRequestHeader("x-csrf-token", csrfToken())
      request.setRequestHeader("content-type", file.type || "application/octet-stream")
      request.upload.addEventListener("progress", (event) => event.lengthComputable && progress(event.loaded / event.total))
      request.addEventListener("load", () => {
        const { status = 0, responseText = "" } = request ?? {}
        if (status >= 200 && status < 300) resolve(JSON.parse(responseText) as Uploaded)
        else reject(refusalOf(responseText, status))
      })
      request.addEventListener("error", () => reject(new ApiError("offline", "Lifeboat does not answer.", 0)))
      request.addEventListener("abort", () => reject(new DOMException("cancelled", "AbortError")))
      request.send(file)
    })
  const done = once().catch(async (error: unknown) => {
    if (error instanceof ApiError && (await signedInAgain(error.code))) return once()
    throw error
  })
  return {
    done,
    cancel: () => {
      cancelled = true
      request?.abort()
    },
  }
}
