import { listOutbox } from "../api/writing.ts"
import { t } from "../text/index.ts"
import { say } from "../ui/toasts.ts"
import { leave } from "./desk.ts"
import { type LetterFile, wordingOf } from "./letter.ts"
import type { OpenLetter } from "./open-letter.ts"
import { failed, pend, reopen } from "./outbox.ts"

/**
 * The server has this letter already: the answer to sending it was lost, or another tab sent it. It is shown as what it
 * is, on its way, sent or failed; what was written since then stays, as another letter. @throws ApiError
 */
export async function sentBefore(open: OpenLetter): Promise<void> {
  const items = await listOutbox()
  open.collect()
  const item = items.find(({ letter }) => letter === open.id)
  const changed = open.tried !== undefined && open.tried !== wordingOf(open.letter)
  const mail = { outbox: item?.id ?? "", due: item ? Date.parse(item.due) : 0, id: open.id, letter: { ...open.letter } }
  if (changed) await keepChanges(open)
  else if (item) {
    await open.keep(item.id)
    await leave(open, false)
  } else await leave(open, true)
  if (!item) say(t("compose.sent"))
  else if (item.failed !== null) await failed(mail, item)
  else pend({ ...mail, due: Math.min(mail.due, Date.now() + 60_000) })
}

/** Under a name of its own. */
async function keepChanges(open: OpenLetter): Promise<void> {
  const letter = { ...open.letter, draft: undefined }
  const blobs = new Map(letter.files.map(({ key }) => [key, open.files.blob(key)]))
  await leave(open, false)
  const back = await reopen({ outbox: "", due: 0, id: open.id, letter }, undefined)
  if (!back) return
  for (const file of letter.files) {
    const blob = blobs.get(file.key)
    if (blob && file.source.at === "here") back.files.resume(file, blob)
  }
  await saveApart(back, t("compose.sentBefore"))
}

/** What was written on after the mail was sent, which `text` says. Its files were the other one's, and may go with it: they are saved at once. */
export async function saveApart(open: OpenLetter, text: string): Promise<void> {
  open.changed()
  open.explain(text)
  if ((await open.flush()) || open.refusal.value?.code !== "not-found") return
  const gone = ({ source }: LetterFile) => source.at !== "here"
  const names = open.letter.files.filter(gone).map(({ name }) => name)
  open.letter.files = open.letter.files.filter((file) => !gone(file))
  open.changed()
  open.explain(`${text} ${t("compose.lost", { names: names.join(", ") })}`)
}
