import type { Language } from "@lifeboat/shared/schemas/session"
import { computed } from "vue"
import { createI18n } from "vue-i18n"
import type en from "./en.json"

type Leaves<T, Prefix extends string = ""> = { [K in keyof T & string]: T[K] extends string ? `${Prefix}${K}` : Leaves<T[K], `${Prefix}${K}.`> }[keyof T & string]
/** Key of a text in text/{de,en}.json. */
export type TextKey = Leaves<typeof en>

export const i18n = createI18n({ legacy: false, locale: "en", fallbackLocale: "en", missingWarn: false, fallbackWarn: false, messages: {} })

const loaders: Record<Language, () => Promise<{ default: object }>> = { de: () => import("./de.json"), en: () => import("./en.json") }

/** The language of the page now. */
export const language = computed<Language>(() => (i18n.global.locale.value === "de" ? "de" : "en"))

/** Loads a language's texts and changes the page to it. */
export async function setLanguage(next: Language): Promise<void> {
  const texts = await loaders[next]()
  i18n.global.setLocaleMessage(next, texts.default)
  i18n.global.locale.value = next
  document.documentElement.lang = next
  document.querySelector("link[rel=manifest]")?.setAttribute("href", `/manifest.${next}.webmanifest`)
}

/** The text of a key; `n` among the parameters also chooses the plural form. */
export function t(key: TextKey, parameters: Readonly<Record<string, string | number>> = {}): string {
  return typeof parameters.n === "number" ? i18n.global.t(key, { ...parameters }, parameters.n) : i18n.global.t(key, { ...parameters })
}

/** Whether a text exists, for keys made of values that come from the server. */
export function hasText(key: string): key is TextKey {
  return i18n.global.te(key)
}
