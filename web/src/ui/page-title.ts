import { useTitle } from "@vueuse/core"
import { computed, type Ref, shallowRef } from "vue"

/** Unread mails in the inbox, as every page's title tells them; kept by `live/`. */
export const unreadInTitle = shallowRef(0)

/** The title of a page: `(3) Workspace – Lifeboat`, the count left out where there is none. */
export function usePageTitle(name: Readonly<Ref<string>>): void {
  useTitle(computed(() => `${unreadInTitle.value > 0 ? `(${unreadInTitle.value}) ` : ""}${name.value} – Lifeboat`))
}
