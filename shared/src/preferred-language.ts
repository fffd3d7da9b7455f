import type { Language } from "./schemas/session.ts"

/** The first language of a list of preferences (RFC 5646 tags, as of `navigator.languages` or `Accept-Language`) that we have, or English. */
export function preferredLanguage(preferences: readonly string[]): Language {
  for (const preference of preferences) {
    const tag = /^\s*([a-z]+)/i.exec(preference)?.[1]?.toLowerCase()
    if (tag === "de" || tag === "en") return tag
  }
  return "en"
}
