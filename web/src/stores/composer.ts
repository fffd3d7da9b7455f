import type { MailView } from "@lifeboat/shared/schemas/mail"
import { defineStore } from "pinia"
import { ref, shallowReactive } from "vue"
import type { Reference } from "../webmail/reply.ts"
import type { Answerable } from "../writing/answer.ts"
import type { Letter } from "../writing/letter.ts"
import type { OpenLetter } from "../writing/open-letter.ts"

/** A mail that was sent and can still be taken back. `due`: milliseconds since 1970; `id`: the name of its letter here. */
export interface PendingMail {
  readonly outbox: string
  readonly due: number
  readonly id: string
  readonly letter: Letter
}

/** A window that takes longer than this never comes, milliseconds. */
const longestMs = 10_000

/** The part that writes comes when writing begins. */
const desk = () => import("../writing/desk.ts")
type Desk = Awaited<ReturnType<typeof desk>>

/** The mails being written, on every page of the app, and those just sent that can still be taken back. */
export const useComposer = defineStore("composer", () => {
  const letters = shallowReactive<OpenLetter[]>([])
  const pending = shallowReactive<PendingMail[]>([])
  /** Raised whenever a mail was sent, saved or thrown away, so that lists look again. */
  const changes = ref(0)

  /** Windows that are on their way, and what was typed meanwhile. */
  const opening = ref(0)
  const ahead = ref("")
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Another number once a window was put up or called. */
  const calls = () => letters.reduce((sum, { called }) => sum + called.value + 1, 0)

  /** Runs what opens a window; until that has the focus, keys belong to it and not to the page. */
  async function begin(work: (desk: Desk) => Promise<unknown>): Promise<void> {
    clearTimeout(timer)
    opening.value++
    ahead.value = ""
    const before = calls()
    try {
      await work(await desk())
    } finally {
      // The window takes the keys once it stands, however slowly it comes; where none does, they are the page's again.
      clearTimeout(timer)
      timer = setTimeout(() => (opening.value = 0), calls() === before ? 0 : longestMs)
    }
  }

  /** The window has the focus: answers what was typed until then. */
  function arrive(): string {
    const typed = ahead.value
    clearTimeout(timer)
    opening.value = 0
    ahead.value = ""
    return typed
  }

  /** Opens a letter's window and gives it the focus. */
  function front(open: OpenLetter): void {
    if (open.view.value === "minimised") open.view.value = "docked"
    open.called.value++
  }

  return {
    letters,
    pending,
    changes,
    front,
    opening,
    ahead,
    arrive,
    /** A new mail; `given` is put in. @throws ApiError */
    writeNew: (given: Partial<Letter> = {}) => begin((there) => there.writeNew(given)),
    /** Answers or forwards a mail, from the mailbox or the archive. @throws ApiError */
    answer: (mail: Answerable, action: Reference) => begin((there) => there.answer(mail, action)),
    /** Goes on with a draft. @throws ApiError */
    edit: (mail: MailView) => begin((there) => there.edit(mail)),
    /** Writes a mail once more. @throws ApiError */
    editAsNew: (mail: Answerable) => begin(async () => (await import("../writing/again.ts")).editAsNew(mail)),
    /** Writes to the people of a `mailto:` address. @throws ApiError */
    mailto: (address: string) => begin((there) => there.writeTo(address)),
    /** Brings back what this person was writing when the page went away; `sentToo` as the desk has it. */
    restore: async (sentToo = true) => (await desk()).restore(sentToo),
  }
})
