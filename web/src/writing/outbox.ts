import type { OutboxItem } from "@lifeboat/shared/schemas/outgoing"
import { ApiError } from "../api/client.ts"
import { type MailPlace, openMail } from "../api/mail.ts"
import { listOutbox, sendMail } from "../api/writing.ts"
import { type PendingMail, useComposer } from "../stores/composer.ts"
import { t } from "../text/index.ts"
import { confirm } from "../ui/confirm.ts"
import { say, sentence } from "../ui/toasts.ts"
import { leave, put, settings } from "./desk.ts"
import { filesAsParts } from "./draft-parts.ts"
import { forgetLetter, type KeptLetter, takeHold } from "./letter-keeper.ts"
import { type Letter, wordingOf } from "./letter.ts"
import { type OpenLetter, zone } from "./open-letter.ts"
import { outgoing } from "./outgoing.ts"

/** Sends a letter; whatever goes wrong, it stays open and says why. */
export async function send(open: OpenLetter): Promise<void> {
  if (open.sending.value) return
  open.sending.value = true
  open.explain("")
  try {
    if ((await open.settled) === false) return
    await open.files.settled()
    if ([...open.files.transfers.values()].some(({ failed }) => failed !== undefined)) {
      open.explain(t("compose.filesFailed"), "files")
      return
    }
    await open.stop()
    const { undoSeconds } = await settings()
    const { tried } = open
    const wording = wordingOf(open.letter)
    open.tried = wording
    void open.keep()
    const sent = await sendMail({ ...outgoing(open.letter, open.id, zone()), undoSeconds })
    if (sent.repeated && tried !== undefined && tried !== wording) {
      open.tried = tried
      await (await import("./sent-before.ts")).sentBefore(open)
    } else if (sent.outbox === null) {
      await leave(open, true)
      if (sent.refused.length === 0) say(t("compose.sent"))
    } else {
      await open.keep(sent.outbox)
      pend({ outbox: sent.outbox, due: sent.repeated ? Date.parse(sent.due ?? "") : Date.now() + undoSeconds * 1000, id: open.id, letter: { ...open.letter } })
      await leave(open, false)
    }
    if (sent.refused.length > 0) await confirm({ title: t("compose.refusedTitle"), text: t("compose.refused"), points: sent.refused.map((each) => `${each.address}: ${each.reply}`), confirm: t("ui.understood"), notice: true })
  } catch (error) {
    if (error instanceof ApiError && error.code === "already-sent") {
      await leave(open, true)
      say(t("compose.sent"))
      return
    }
    if (error instanceof ApiError && error.code === "offline") open.explain(t("compose.offline"), "online")
    else open.explain(reasonOf(error))
    open.resume()
    // Saving tells, as soon as there is an answer, whether it was sent after all.
    open.changed()
  } finally {
    open.sending.value = false
  }
}

/** Why a letter can be neither sent nor saved as it stands. */
export const reasonOf = (error: unknown): string => (error instanceof ApiError && error.code === "not-found" ? t("compose.partGone") : sentence(error))

/** Shows that it is on its way, and can be taken back until it is due. */
export function pend(mail: PendingMail): void {
  const composer = useComposer()
  composer.pending.push(mail)
  setTimeout(() => void look(mail, 0), Math.max(0, mail.due - Date.now()) + 1_000)
}

function settle({ outbox }: PendingMail): void {
  const composer = useComposer()
  const at = composer.pending.findIndex((mail) => mail.outbox === outbox)
  if (at >= 0) composer.pending.splice(at, 1)
  composer.changes++
}

/** Looks whether a mail whose time has come is on its way. */
export async function look(mail: PendingMail, tries: number): Promise<void> {
  if (!useComposer().pending.some(({ outbox }) => outbox === mail.outbox)) return
  const items = await listOutbox().catch(() => undefined)
  if (!useComposer().pending.some(({ outbox }) => outbox === mail.outbox)) return
  const item = items?.find(({ id }) => id === mail.outbox)
  if (items && !item) {
    settle(mail)
    await forgetLetter(mail.id)
    say(t("compose.sent"))
  } else if (item && item.failed !== null) await failed(mail, item)
  else setTimeout(() => void look(mail, tries + 1), Math.min(15_000, 1_000 * 2 ** Math.min(tries, 4)))
}

/** Something changed in the outbox: asks at once for what is due. */
export function outboxChanged(): void {
  for (const mail of useComposer().pending) if (mail.due - Date.now() < 1_500) void look(mail, 0)
}

/** It could not be sent: it is a draft again and opens with the reason. */
export async function failed(mail: PendingMail, item: OutboxItem): Promise<void> {
  settle(mail)
  const back = await reopen(mail, item.draft ?? undefined)
  back?.explain(t("compose.failed", { reason: item.failed ?? "" }))
}

/** The letter under a new name: under the old one the server takes it for sent. */
export async function reopen({ id, letter }: PendingMail, draft: MailPlace | undefined): Promise<OpenLetter | undefined> {
  const saved = draft && (await openMail(draft).catch(() => undefined))
  const files = saved ? filesAsParts(letter.files, "all", saved) : letter.files
  const back = await put({ ...letter, draft, files })
  if (!back) return undefined
  back.touched.value = true
  await back.keep()
  await forgetLetter(id)
  return back
}

/** After the page came back: what still waits in the outbox can still be taken back; what failed opens with its reason. */
export async function restorePending(kept: readonly KeptLetter[]): Promise<void> {
  if (kept.length === 0) return
  const items = await listOutbox().catch(() => undefined)
  if (!items) return
  for (const { id, letter, outbox = "", undoing } of kept) {
    if (undoing) {
      // Where it is still open in another tab, that one goes on with it.
      const release = await takeHold(id)
      release?.()
      if (release) void (await import("./undo-sending.ts")).undoSending({ outbox, due: 0, id, letter })
      continue
    }
    const item = items.find((each) => each.id === outbox)
    if (!item) await forgetLetter(id)
    else {
      const mail = { outbox: item.id, due: Math.min(Date.parse(item.due), Date.now() + 60_000), id, letter: letter satisfies Letter }
      if (item.failed === null) pend(mail)
      else await failed(mail, item)
    }
  }
}
