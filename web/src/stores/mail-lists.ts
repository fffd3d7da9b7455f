import type { MailRow } from "@lifeboat/shared/schemas/mail"
import * as api from "../api/mail.ts"
import type { MailPlace } from "../api/mail.ts"
import type { LocalChanges } from "../queries/local-changes.ts"
import { RowList } from "../queries/row-list.ts"
import type { TakenOut } from "../queries/sparse-rows.ts"

/** What of a folder is listed. `folder`: its id, or its special use where that is not known yet. */
export interface MailSelection {
  readonly folder: string
  readonly q: string
  readonly unseen: boolean
  readonly conversations: boolean
}

export type Marks = Partial<Pick<MailRow, "seen" | "flagged" | "unreadCount">>
export type MailChanges = LocalChanges<MailRow, Marks>

const kept = 12

export const keyOfMail = (place: MailPlace): string => `${place.folder}/${place.id}`
/** Name of a conversation in one folder. */
export const keyOfThread = (row: Pick<MailRow, "folder" | "thread">): string => `${row.folder}#${row.thread}`
/** Names under which a row can be taken away: its own, and its conversation's. */
export const keysOfRow = (row: MailRow): readonly string[] => (row.thread === "" ? [keyOfMail(row)] : [keyOfMail(row), keyOfThread(row)])

/** Rows that were taken out of every list, to be put back or left out for good. */
export interface Removal {
  putBack(only?: (row: MailRow) => boolean): void
  settled(): void
}

/** The lists that were shown last; coming back to one shows it at once. */
export class MailLists {
  readonly #changes: MailChanges
  readonly #lists = new Map<string, RowList<MailRow>>()

  constructor(changes: MailChanges) {
    this.#changes = changes
  }

  /** `aliases`: other names of the folder; a list that was made under one of them is the same list. */
  of(selection: MailSelection, aliases: readonly string[] = []): RowList<MailRow> {
    const { q, unseen, conversations } = selection
    const names = [selection.folder, ...aliases].map((folder) => `${folder}|${unseen}|${conversations}|${q}`)
    const name = names.find((each) => this.#lists.has(each)) ?? names[0] ?? ""
    const list = this.#lists.get(name) ?? this.#make(selection)
    this.#lists.delete(name)
    this.#lists.set(name, list)
    const oldest = this.#lists.entries().next().value
    if (this.#lists.size > kept && oldest) {
      oldest[1].stop()
      this.#lists.delete(oldest[0])
    }
    return list
  }

  #make({ folder, q, unseen, conversations }: MailSelection): RowList<MailRow> {
    const query = { ...(q === "" ? {} : { q }), ...(unseen ? { unseen } : {}), ...(conversations ? { conversations } : {}) }
    return new RowList<MailRow>({
      load: ({ offset, limit, count }, signal) => api.listMails(folder, { limit, ...(offset === 0 ? {} : { offset }), ...(count ? {} : { count }), ...query }, signal),
      keyOf: keyOfMail,
      admit: (rows, askedAt) => this.#changes.admit(rows, askedAt),
    })
  }

  change(edit: (row: MailRow) => MailRow): void {
    for (const list of this.#lists.values()) list.change(edit)
  }

  /** Takes out what the local changes say is gone. */
  takeOutGone(): Removal {
    const out: { list: RowList<MailRow>; rows: readonly TakenOut<MailRow>[] }[] = []
    for (const list of this.#lists.values()) out.push({ list, rows: list.takeOut((row) => this.#changes.isGone(row)) })
    let open = true
    const end = (work: (each: (typeof out)[number]) => void) => {
      if (open) for (const each of out) work(each)
      open = false
    }
    return {
      settled: () => end(({ list }) => list.settled()),
      putBack: (only = () => true) => end(({ list, rows }) => list.putBack(rows.filter(({ row }) => only(row)))),
    }
  }
}
