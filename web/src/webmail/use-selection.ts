import type { MailRow } from "@lifeboat/shared/schemas/mail"
import { computed, shallowRef, watch } from "vue"
import type { RowList } from "../queries/row-list.ts"
import { keyOfMail } from "../stores/mail-lists.ts"
import { useMail } from "../stores/mail.ts"
import { sayError } from "../ui/toasts.ts"
import { add, everything, isEmpty, isSelected, nothing, only, range, selectedCount, toggle, without } from "./selection.ts"

/** What is selected in the list that is shown. */
export function useSelection(list: () => RowList<MailRow> | undefined) {
  const mail = useMail()
  const selection = shallowRef(nothing)
  const count = computed(() => selectedCount(selection.value, list()?.state.total ?? 0))
  const some = computed(() => !isEmpty(selection.value))

  watch(list, () => (selection.value = nothing))
  watch(() => list()?.state.version, () => (selection.value = without(selection.value, (row) => mail.isGone(row))))

  /** Rows between two places, loaded first where nobody has looked yet. */
  async function between(from: number, to: number): Promise<[string, MailRow][]> {
    const shown = list()
    if (!shown) return []
    await shown.ensure(from, to)
    const rows: [string, MailRow][] = []
    for (let index = from; index <= to; index++) {
      const row = shown.at(index)
      if (row) rows.push([keyOfMail(row), row])
    }
    return rows
  }

  return {
    selection,
    some,
    count,
    has: (key: string) => isSelected(selection.value, key),
    toggle: (row: MailRow) => (selection.value = toggle(selection.value, keyOfMail(row), row)),
    clear: () => (selection.value = nothing),
    /** All rows of the list, on the server too. */
    all: () => (selection.value = everything),
    /** All rows that are loaded and stand on the screen or near it. */
    visible: (rows: readonly MailRow[]) => (selection.value = add(nothing, rows.map((row) => [keyOfMail(row), row]))),
    /** From the row where the selection began, or `from`, to this place. */
    async to(index: number, from: number): Promise<void> {
      const anchorKey = selection.value.anchor
      const anchored = anchorKey === undefined ? -1 : (list()?.indexOf(anchorKey) ?? -1)
      const anchor = anchored >= 0 ? anchored : from
      try {
        const rows = await between(...range(anchor, index))
        const start = list()?.at(anchor)
        selection.value = { ...only(selection.value, rows), anchor: start ? keyOfMail(start) : anchorKey }
      } catch (error) {
        sayError(error)
      }
    },
  }
}
export type ListSelection = ReturnType<typeof useSelection>
