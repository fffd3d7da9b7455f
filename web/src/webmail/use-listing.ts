import type { Folder, MailRow } from "@lifeboat/shared/schemas/mail"
import { parseSearch } from "@lifeboat/shared/search-query"
import { computed, ref, shallowRef, watch } from "vue"
import type { RowList } from "../queries/row-list.ts"
import { useMail } from "../stores/mail.ts"
import { hitPattern } from "./hits.ts"

/** Where a search looks. */
export type SearchScope = "folder" | "mailbox" | "archive"

/** The search as the server reads it: where to look, unless that was typed too, and what was typed. The word being typed stands at the end. */
export function searchLine(typed: string, scope: SearchScope): string {
  const text = typed.trim()
  return text === "" || scope !== "mailbox" || parseSearch(text).in !== undefined ? text : `in:anywhere ${text}`
}

/** What was added at the end of a search line; empty where it was changed otherwise. */
export function addedTo(before: string, now: string): string {
  return before !== "" && now.toLowerCase().startsWith(before.toLowerCase()) ? now.slice(before.length).toLowerCase() : ""
}

/** What is listed: a folder, what is unread in it, or what a search finds. `folder` is its id or special use. */
export function useListing(folder: () => string, conversations: () => boolean) {
  const mail = useMail()
  const typed = ref("")
  const scope = ref<SearchScope>("folder")
  const unseen = ref(false)
  const q = computed(() => searchLine(typed.value, scope.value))
  const searching = computed(() => q.value !== "")
  const here = computed<Folder | undefined>(() => mail.folderOf(folder()))

  const selection = computed(() => ({ folder: folder(), q: q.value, unseen: unseen.value, conversations: conversations() && !searching.value }))
  const wanted = computed(() => mail.listOf(selection.value))
  const shown = shallowRef<RowList<MailRow>>(wanted.value)
  // The router may have begun to load it.
  if (!shown.value.state.loading) void shown.value.refresh()
  mail.shown = shown.value

  watch([wanted, selection], ([now, chosen], [before, chosenBefore]) => {
    if (now === before) return
    before.stop()
    if (chosen.folder === chosenBefore.folder && chosen.unseen === chosenBefore.unseen) now.takeOver(before, addedTo(chosenBefore.q, chosen.q))
    void now.refresh()
    mail.shown = now
    // Results take the place of what was shown once they are there, so that nothing flickers while somebody types.
    if (now.state.loaded || q.value === "") shown.value = now
  })
  watch(() => wanted.value.state.loaded || wanted.value.state.error !== undefined, (ready) => {
    if (ready) shown.value = wanted.value
  })

  return {
    typed, scope, unseen, q, searching, here,
    list: shown,
    /** The server has not answered what was typed last. */
    waiting: computed(() => shown.value !== wanted.value || (!shown.value.state.loaded && shown.value.state.error === undefined)),
    hits: computed(() => (searching.value ? hitPattern(q.value) : undefined)),
    clear: () => {
      typed.value = ""
      scope.value = "folder"
    },
  }
}
export type Listing = ReturnType<typeof useListing>
