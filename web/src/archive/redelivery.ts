import type { ApiErrorCode } from "@lifeboat/shared/api-errors"
import type { MessageSummary } from "@lifeboat/shared/schemas/archive"
import { defineStore } from "pinia"
import { computed, shallowReactive } from "vue"
import { mostMails, redeliverMany } from "../api/archive.ts"
import { ApiError } from "../api/client.ts"
import { openTrail } from "../api/tracking.ts"
import { useSession } from "../stores/session.ts"
import { t } from "../text/index.ts"
import { confirm } from "../ui/confirm.ts"
import { say, sentence } from "../ui/toasts.ts"
import { type Whereabouts, whereabouts } from "../trail/whereabouts.ts"
import { redeliveryPlan } from "./redelivery-plan.ts"

/** One mail on its way again. `places`: where its new deliveries are. */
export interface Redelivery {
  readonly mail: MessageSummary
  readonly state: "waiting" | "started" | "failed" | "unknown"
  readonly problem: string
  readonly deliveries: readonly string[]
  readonly places: readonly Whereabouts[]
}

/** So many are handed in with one call: the progress is seen, and little is in doubt when the connection breaks. */
const atOnce = 10
const shownPeople = 5

/** Mails being delivered again, in the order they were asked for; it goes on while the person reads elsewhere. */
export const useRedelivery = defineStore("redelivery", () => {
  const session = useSession()
  const items = shallowReactive(new Map<string, Redelivery>())
  let running: Promise<void> | undefined

  function change(id: string, next: Partial<Redelivery>): void {
    const item = items.get(id)
    if (item) items.set(id, { ...item, ...next })
  }

  /** Asks, then hands in. Answers whether the person agreed. */
  async function ask(mails: readonly MessageSummary[]): Promise<boolean> {
    if (mails.length > mostMails) {
      say(t("archive.tooMany", { n: mostMails }))
      return false
    }
    const { received, sent, people } = redeliveryPlan(mails, session.address)
    const more = people.length - shownPeople
    const named = [...people.slice(0, shownPeople), ...(more > 0 ? [t("archive.andOthers", { n: more })] : [])].join(", ")
    const points = [
      ...(received === 0 ? [] : [session.manages ? t("archive.askDomain", { n: received }) : t("archive.askOwn", { n: received, address: session.address })]),
      ...(sent === 0 ? [] : [t("archive.askSent", { n: sent, people: named })]),
    ]
    if (!(await confirm({ title: t("archive.askTitle", { n: mails.length }), text: t("archive.askText", { n: mails.length }), points, confirm: t("archive.redeliver") }))) return false
    for (const mail of mails) {
      items.delete(mail.id)
      items.set(mail.id, { mail, state: "waiting", problem: "", deliveries: [], places: [] })
    }
    void run()
    return true
  }

  function run(): Promise<void> {
    running ??= handIn().finally(() => (running = undefined))
    return running
  }

  async function handIn(): Promise<void> {
    for (;;) {
      const ids = [...items.values()].filter(({ state }) => state === "waiting").slice(0, atOnce).map(({ mail }) => mail.id)
      if (ids.length === 0) return
      try {
        const answer = await redeliverMany(ids)
        const told = new Map(answer.items.map((item) => [item.id, item]))
        for (const id of ids) {
          const item = told.get(id)
          if (!item) change(id, { state: "unknown" })
          else if (item.error) change(id, { state: "failed", problem: sentence(new ApiError(item.error.code as ApiErrorCode, item.error.message, 0)) })
          else change(id, { state: "started", deliveries: item.deliveries })
        }
        await Promise.all(ids.map(look))
      } catch (error) {
        const lost = error instanceof ApiError && error.code === "offline"
        for (const id of ids) change(id, lost ? { state: "unknown" } : { state: "failed", problem: sentence(error) })
      }
    }
  }

  /** Looks where a mail's new deliveries are by now. */
  async function look(id: string): Promise<void> {
    const item = items.get(id)
    if (item?.state !== "started") return
    const trail = await openTrail(id).catch(() => undefined)
    if (trail) change(id, { places: whereabouts({ deliveries: trail.deliveries.filter((delivery) => item.deliveries.includes(delivery.id)) }, [session.address]) })
  }

  const list = computed(() => [...items.values()])
  return {
    list,
    done: computed(() => list.value.filter(({ state }) => state !== "waiting").length),
    bad: computed(() => list.value.filter(({ state, places }) => state === "failed" || state === "unknown" || places.some(({ tone }) => tone === "failed")).length),
    ask,
    look,
    lookAgain: () => Promise.all([...items.keys()].map(look)),
    /** Those that were refused are asked for again; where it is not known whether they began, nothing is repeated. */
    retry: () => {
      for (const { mail, state } of items.values()) if (state === "failed") change(mail.id, { state: "waiting", problem: "" })
      return run()
    },
    close: () => {
      for (const { mail, state } of items.values()) if (state !== "waiting") items.delete(mail.id)
    },
  }
})
