import { ApiError } from "@lifeboat/shared/api-errors"

/** Cursors are opaque to callers: a key of the last item shown, in base64url. */
export function encodeCursor(key: string): string {
  return Buffer.from(key).toString("base64url")
}

/** The key in a cursor, or undefined without one; throws `invalid-cursor` for what is none. */
export function decodeCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined || cursor === "") return undefined
  const key = Buffer.from(cursor, "base64url").toString()
  if (key === "" || encodeCursor(key) !== cursor.replace(/=+$/, "")) throw new ApiError("invalid-cursor")
  return key
}

/** A page from `limit + 1` rows read: the surplus row only says that there is a next page. */
export function pageOf<T, V>(rows: readonly T[], limit: number, keyOf: (row: T) => string, view: (row: T) => V): { items: V[]; next: string | null } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(view), next: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null }
}

/** A text as a regular expression that finds exactly it. */
export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
}
