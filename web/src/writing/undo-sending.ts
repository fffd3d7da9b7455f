import { ApiError } from "../api/client.ts"
import { type MailPlace, openMail } from "../api/mail.ts"
import { takeBack } from "../api/writing.ts"
import { type PendingMail, useComposer } from "../stores/composer.ts"
import { t } from "../text/index.ts"
import { say, sayError } from "../ui/toasts.ts"
import { leave, put } from "./desk.ts"
import { filesAsParts } from "./draft-parts.ts"
import { forgetLetter } from "./letter-keeper.ts"
import type { OpenLetter } from "./open-letter.ts"
import { look, pend, reopen } from "./outbox.ts"
import { saveApart } from "./sent-before.ts"

/** Refusals that pass: what was asked for may be done already, or still be possible. */
const passing = new Set<ApiError["code"]>(["offline", "unavailable", "mailbox-unavailable"])
const longestPause = 15_000

/**
 * Takes a mail back while that is possible. It opens at once as it was, and is neither saved nor sent until the server
 * has answered: before that nobody knows whether it is a draft again or on its way.
 */
export async function undoSending(mail: PendingMail): Promise<void> {
  const { pending } = useComposer()
  const at = pending.indexOf(mail)
  if (at >= 0) pending.splice(at, 1)
  // Pictures in the text are shown from the draft, which is made anew.
  const later = mail.letter.files.some(({ cid, source }) => cid !== undefined && source.at === "part")
  const open = later ? undefined : await put({ ...mail.letter, draft: undefined })
  if (open) open.undoes = mail.outbox
  const settled = settle(mail, open, later)
  if (open) {
    open.settled = settled
    // Should the page go now, the next one goes on with it.
    await open.keep()
    await forgetLetter(mail.id)
  }
  await settled
  useComposer().changes++
}

/** Answers whether it is taken back. `later`: it opens only then. */
async function settle(mail: PendingMail, open: OpenLetter | undefined, later: boolean): Promise<boolean> {
  try {
    const place = await untilAnswered(() => takeBack(mail.outbox), () => open?.explain(t("compose.takingBack")))
    if (open) await becomesDraft(open, place)
    else if (later) await reopen(mail, place)
    await forgetLetter(mail.id)
    say(t("compose.takenBack"))
    return true
  } catch (error) {
    await tooLate(mail, open, error)
    return false
  }
}

async function becomesDraft(open: OpenLetter, place: MailPlace): Promise<void> {
  open.letter.draft = place
  const { files } = open.letter
  const saved = files.length === 0 ? undefined : await untilAnswered(() => openMail(place), () => undefined).catch(() => undefined)
  if (saved) open.letter.files = filesAsParts(open.letter.files, "all", saved)
  open.explain("")
  const written = open.touched.value
  open.touched.value = true
  open.settled = open.undoes = undefined
  if (!useComposer().letters.includes(open)) return
  if (written) open.again()
  await open.keep()
}

/** It is on its way as it was; what was written since then stays as another letter. */
async function tooLate(mail: PendingMail, open: OpenLetter | undefined, error: unknown): Promise<void> {
  if (open) {
    open.settled = open.undoes = undefined
    if (open.touched.value) void saveApart(open, t("compose.tooLate"))
    else await leave(open, true)
  }
  sayError(error)
  pend(mail)
  void look(mail, 0)
}

async function untilAnswered<T>(ask: () => Promise<T>, waiting: () => void): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof ApiError) || !passing.has(error.code)) throw error
      waiting()
      await new Promise((resolve) => setTimeout(resolve, Math.min(longestPause, 1_000 * 2 ** Math.min(tries, 4))))
    }
  }
}
