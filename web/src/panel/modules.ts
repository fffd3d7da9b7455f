import { Activity, Clock3, FileClock, ListFilter, PanelRight, Server, ShieldCheck, UserRoundPlus, Users } from "@lucide/vue"
import type { Component } from "vue"
import type { TextKey } from "../text/index.ts"

/** One page of the control panel. */
export interface Module {
  readonly name: string
  readonly label: TextKey
  readonly icon: Component
}

/** The control panel's pages in the groups of the handbook. */
export const modules: readonly { readonly label: TextKey; readonly modules: readonly Module[] }[] = [
  {
    label: "panel.operation",
    modules: [
      { name: "panel", label: "mode.title", icon: Activity },
      { name: "panel-tracking", label: "tracking.title", icon: ListFilter },
      { name: "panel-queue", label: "queue.title", icon: Clock3 },
      { name: "panel-outages", label: "outages.title", icon: FileClock },
    ],
  },
  { label: "panel.security", modules: [{ name: "panel-continuity", label: "continuity.title", icon: ShieldCheck }] },
  {
    label: "panel.management",
    modules: [
      { name: "panel-users", label: "users.title", icon: Users },
      { name: "panel-learned", label: "learned.title", icon: UserRoundPlus },
      { name: "panel-domain", label: "domain.title", icon: Server },
      { name: "panel-addin", label: "addin.setup", icon: PanelRight },
    ],
  },
]
