import { createSharedComposable, useNow } from "@vueuse/core"
import { language } from "../text/index.ts"
import { readableSize } from "./size.ts"
import { exactTime, fullTime, listTime, sinceTime } from "./time.ts"

const useSharedNow = createSharedComposable(() => useNow({ interval: 30_000 }))

/** Times and sizes in the page's language, kept fresh as the day goes on. */
export function useFormats() {
  const now = useSharedNow()
  const style = () => ({ language: language.value })
  return {
    listTime: (iso: string) => listTime(iso, now.value, style()),
    sinceTime: (iso: string) => sinceTime(iso, now.value, style()),
    fullTime: (iso: string) => fullTime(iso, style()),
    exactTime: (iso: string) => exactTime(iso, style()),
    number: (value: number) => new Intl.NumberFormat(language.value === "de" ? "de-DE" : "en-GB").format(value),
    size: (bytes: number) => readableSize(bytes, language.value),
  }
}
