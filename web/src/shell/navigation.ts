import { Archive, LifeBuoy, Mail, SlidersHorizontal, UserRound } from "@lucide/vue"
import { type Component, computed } from "vue"
import { useDemo } from "../queries/demo.ts"
import { useSession } from "../stores/session.ts"
import { type TextKey } from "../text/index.ts"

/** One entry of the main navigation. */
export interface Place {
  readonly name: string
  readonly label: TextKey
  readonly icon: Component
}

/** Where this person can go. */
export function usePlaces() {
  const session = useSession()
  const demo = useDemo()
  return computed<Place[]>(() => [
    ...(session.view?.mailbox ? [{ name: "mail", label: "nav.mail" as const, icon: Mail }] : []),
    ...(session.view ? [{ name: "archive", label: "nav.archive" as const, icon: Archive }] : []),
    ...(session.manages ? [{ name: "panel", label: "nav.panel" as const, icon: SlidersHorizontal }] : []),
    ...(demo.data.value ? [{ name: "demo", label: "nav.demo" as const, icon: LifeBuoy }] : []),
    ...(session.view ? [{ name: "account", label: "nav.account" as const, icon: UserRound }] : []),
  ])
}
