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

/** The part that writes comes when writing begins. */
const desk = () => import("../writing/desk.ts")

/** The mails being written, on every page of the app, and those just sent that can still be taken back. */
export const useComposer = defineStore("composer", () => {
  const letters = shallowReactive<OpenLetter[]>([])
  const pending = shallowReactive<PendingMail[]>([])
  /** Raised whenever a mail was sent, saved or thrown away, so that lists look again. */
  const changes = ref(0)

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
    /** A new mail; `given` is put in. @throws ApiError */
    writeNew: async (given: Partial<Letter> = {}) => void (await (await desk()).writeNew(given)),
    /** Answers or forwards a mail, from the mailbox or the archive. @throws ApiError */
    answer: async (mail: Answerable, action: Reference) => (await desk()).answer(mail, action),
    /** Goes on with a draft. @throws ApiError */
    edit: async (mail: MailView) => (await desk()).edit(mail),
    /** Writes a mail once more. @throws ApiError */
    editAsNew: async (mail: Answerable) => (await desk()).editAsNew(mail),
    /** Writes to the people of a `mailto:` address. @throws ApiError */
    mailto: async (address: string) => (await desk()).writeTo(address),
    /** Brings back what this person was writing when the page went away. */
    restore: async () => (await desk()).restore(),
  }
})
