import type { MailRow, MailView } from "@lifeboat/shared/schemas/mail"
import { shallowReactive } from "vue"
import * as actions from "../api/mail-actions.ts"
import * as api from "../api/mail.ts"
import type { MailPlace } from "../api/mail.ts"
import { keyOfMail, type MailChanges, type Marks } from "./mail-lists.ts"

const keptMails = 60
const keptThreads = 60

/** Mails and conversations that were opened, or fetched ahead because they are likely to be opened next. */
export class OpenedMails {
  readonly #changes: MailChanges
  readonly #views = shallowReactive(new Map<string, MailView>())
  readonly #opening = new Map<string, Promise<MailView>>()
  readonly #threads = shallowReactive(new Map<string, readonly MailRow[]>())

  constructor(changes: MailChanges) {
    this.#changes = changes
  }

  get(place: MailPlace): MailView | undefined {
    return this.#views.get(keyOfMail(place))
  }

  /** @throws ApiError */
  open(place: MailPlace): Promise<MailView> {
    const key = keyOfMail(place)
    const known = this.#views.get(key)
    if (known) return Promise.resolve(known)
    const pending = this.#opening.get(key) ?? this.#fetch(place, key)
    this.#opening.set(key, pending)
    return pending
  }

  async #fetch(place: MailPlace, key: string): Promise<MailView> {
    const askedAt = performance.now()
    try {
      const answer = await api.openMail(place)
      const [laid] = this.#changes.admit([answer], askedAt)
      const view: MailView = { ...answer, ...laid }
      this.#views.set(key, view)
      const oldest = this.#views.keys().next().value
      if (this.#views.size > keptMails && oldest !== undefined) this.#views.delete(oldest)
      return view
    } finally {
      this.#opening.delete(key)
    }
  }

  change(key: string, marks: Marks): void {
    const view = this.#views.get(key)
    if (view) this.#views.set(key, { ...view, ...marks })
    for (const [thread, rows] of this.#threads) if (rows.some((row) => keyOfMail(row) === key)) this.#threads.set(thread, rows.map((row) => (keyOfMail(row) === key ? { ...row, ...marks } : row)))
  }

  /** The mails of a conversation as far as they are known, without what was taken away here. */
  thread(thread: string): readonly MailRow[] | undefined {
    return this.#threads.get(thread)
  }

  /** Takes out of the conversations what was taken away here. */
  takeOutGone(): void {
    for (const [thread, rows] of this.#threads) {
      const left = rows.filter((row) => !this.#changes.isGone(row))
      if (left.length < rows.length) this.#threads.set(thread, left)
    }
  }

  /** Conversations are asked for again: what was taken out of them is back. */
  forgetThreads(): void {
    this.#threads.clear()
  }

  /** @throws ApiError */
  async openThread(thread: string): Promise<readonly MailRow[]> {
    const askedAt = performance.now()
    const rows = this.#changes.admit(await actions.openThread(thread), askedAt)
    this.#threads.delete(thread)
    this.#threads.set(thread, rows)
    const oldest = this.#threads.keys().next().value
    if (this.#threads.size > keptThreads && oldest !== undefined) this.#threads.delete(oldest)
    return rows
  }
}
