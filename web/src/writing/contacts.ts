import type { Contact } from "@lifeboat/shared/schemas/outgoing"
import { computed, onScopeDispose, type Ref, ref, shallowRef, watch } from "vue"
import { findContacts } from "../api/writing.ts"
import { recipientOf } from "./recipient-list.ts"

const pause = 120
/** Answers of this page, by what was typed: going back a letter asks nobody. */
const remembered = new Map<string, readonly Contact[]>()

/** Suggestions for what is typed, without those who are there already. */
export function useContacts(typed: Ref<string>, there: Ref<readonly string[]>) {
  const answers = shallowRef<readonly Contact[]>([])
  const marked = ref(0)
  const chosenByHand = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking: AbortController | undefined

  const found = computed(() => {
    const known = new Set(there.value.map((text) => recipientOf(text).address))
    return answers.value.filter((contact) => !known.has(contact.address.toLowerCase()))
  })

  function close(): void {
    clearTimeout(timer)
    asking?.abort()
    answers.value = []
    marked.value = 0
    chosenByHand.value = false
  }

  async function ask(q: string): Promise<void> {
    asking?.abort()
    const controller = (asking = new AbortController())
    const items = remembered.get(q) ?? (await findContacts(q, controller.signal).catch(() => undefined))
    if (!items || controller.signal.aborted) return
    if (remembered.size > 200) remembered.clear()
    remembered.set(q, items)
    if (typed.value.trim().toLowerCase() === q) show(items)
  }

  function show(items: readonly Contact[]): void {
    answers.value = items
    marked.value = 0
    chosenByHand.value = false
  }

  watch(typed, (value) => {
    clearTimeout(timer)
    const q = value.trim().toLowerCase()
    if (q === "" || q.length > 100) return close()
    const known = remembered.get(q)
    if (known) return show(known)
    timer = setTimeout(() => void ask(q), pause)
  })
  onScopeDispose(close)

  function step(by: 1 | -1): void {
    chosenByHand.value = true
    marked.value = (marked.value + by + found.value.length) % found.value.length
  }

  return { found, marked, chosenByHand, close, step }
}
