import type { Outgoing } from "@lifeboat/shared/schemas/outgoing"
import { defineStore } from "pinia"
import { ref, shallowRef } from "vue"
import type { MailPlace } from "../api/mail.ts"
import { useSession } from "./session.ts"

/** A mail being written, without its files. It survives a closed browser: the unsent copy lies in `localStorage`. */
export interface Letter {
  to: string[]
  cc: string[]
  bcc: string[]
  subject: string
  text: string
  reference?: NonNullable<Outgoing["reference"]>
  /** How many attachments of a forwarded mail would go along. */
  originals?: number
  draft?: MailPlace
  /** Names of attached files, which are not kept with the text. */
  attached?: readonly string[]
}

export const emptyLetter = (): Letter => ({ to: [], cc: [], bcc: [], subject: "", text: "" })

function isLetter(value: unknown): value is Letter {
  if (typeof value !== "object" || value === null) return false
  const letter = value as Record<string, unknown>
  const texts = (list: unknown) => Array.isArray(list) && list.every((item) => typeof item === "string")
  return texts(letter.to) && texts(letter.cc) && texts(letter.bcc) && typeof letter.subject === "string" && typeof letter.text === "string" && (letter.attached === undefined || texts(letter.attached))
}

/** The one mail that is being written, and the unsent copy of it. */
export const useComposer = defineStore("composer", () => {
  const session = useSession()
  const letter = ref<Letter | null>(null)
  /** Files that a mail brings along when it is opened. */
  const files = shallowRef<readonly File[]>([])
  const unsent = shallowRef<Letter | null>(null)
  const round = ref(0)
  const dirty = ref(false)
  /** Whose letter it is, also while the session is just ending. */
  let owner = ""
  const key = () => `lifeboat.unsent.${owner}`

  function lookForUnsent(): void {
    if (letter.value) return
    owner = session.address
    const text = localStorage.getItem(key())
    if (text === null) return
    try {
      const value: unknown = JSON.parse(text)
      unsent.value = isLetter(value) ? value : null
    } catch {
      unsent.value = null
    }
  }

  /** Keeps the mail on this computer. False when the browser has no room. */
  function keep(copy: Letter): boolean {
    try {
      localStorage.setItem(key(), JSON.stringify(copy))
      return true
    } catch {
      return false
    }
  }

  function forget(): void {
    localStorage.removeItem(key())
    unsent.value = null
  }

  /** `written`: it already holds work of its writer, beyond what the page put there. */
  function start(next: Letter, attached: readonly File[] = [], written = false): void {
    owner = session.address
    unsent.value = null
    files.value = attached
    letter.value = next
    dirty.value = written
    round.value++
  }

  /** The page that shows the mail is left; it goes on from here later. */
  function pause(now: Letter, attached: readonly File[], written: boolean): void {
    letter.value = now
    dirty.value = written
    files.value = attached
  }

  /** The mail is sent, saved or thrown away. */
  function end(): void {
    letter.value = null
    files.value = []
    forget()
  }

  return { letter, files, unsent, round, dirty, lookForUnsent, keep, forget, start, pause, end }
})
