import { watchDebounced } from "@vueuse/core"
import { watch } from "vue"
import { type LocationQuery, useRoute, useRouter } from "vue-router"
import type { Listing, SearchScope } from "./use-listing.ts"

const scopes: readonly SearchScope[] = ["folder", "mailbox", "archive"]
const textOf = (value: LocationQuery[string] | undefined) => (typeof value === "string" ? value : "")

/** Keeps search and filter in the address of the page, so that a reload and the way back find them. Answers the query for links within the list. */
export function useSearchAddress({ typed, scope, unseen }: Pick<Listing, "typed" | "scope" | "unseen">, folder: () => string | undefined) {
  const route = useRoute()
  const router = useRouter()
  let written = ""

  const query = () => ({
    ...(typed.value.trim() === "" ? {} : { q: typed.value.trim() }),
    ...(typed.value.trim() === "" || scope.value === "folder" ? {} : { in: scope.value }),
    ...(unseen.value ? { unread: "1" } : {}),
  })

  function read(): void {
    const { q, in: place, unread } = route.query
    if (JSON.stringify(route.query) === written) return
    typed.value = textOf(q)
    scope.value = scopes.find((each) => each === place) ?? "folder"
    unseen.value = unread === "1"
  }
  read()
  watch(() => [folder(), route.query], () => route.name === "mail" && read())
  watchDebounced([typed, scope, unseen], () => {
    const now = JSON.stringify(query())
    if (route.name !== "mail" || now === JSON.stringify(route.query)) return
    written = now
    void router.replace({ query: query() })
  }, { debounce: 400 })
  return query
}
