import type { MailRow, MailsMoved } from "@lifeboat/shared/schemas/mail"
import * as actions from "../api/mail-actions.ts"
import * as api from "../api/mail.ts"
import { afterPaint } from "../ui/after-paint.ts"
import { keyOfMail, keyOfThread, type MailChanges, type MailLists, type Marks } from "./mail-lists.ts"
import type { OpenedMails } from "./opened-mails.ts"

/** What was done: to how many mails, and how it is taken back, where it can be. */
export interface Acted {
  readonly count: number
  readonly undo: (() => Promise<void>) | undefined
}

type Wish = Partial<Pick<MailRow, "seen" | "flagged">>
type Moved = MailsMoved["moved"][number] & { readonly folder: string }

interface Parts {
  readonly changes: MailChanges
  readonly lists: MailLists
  readonly mails: OpenedMails
  /** Changes the numbers of a folder here. */
  readonly count: (folder: string, total: number, unread: number) => void
  readonly trash: () => string | undefined
  readonly refresh: () => Promise<void>
}

/** Mails in one request. */
const chunk = 500

const byFolder = <T extends { readonly folder: string }>(rows: readonly T[]): [string, T[]][] => Object.entries(Object.groupBy(rows, (row) => row.folder)).map(([folder, group = []]) => [folder, group])

/** What a person does with mails: done here at once, in the same turn, and then on the server; put back where that fails. */
export class MailActs {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** To another folder; without one to the trash, and from the trash for good. A conversation's row stands for its mails in that folder. @throws ApiError */
  async take(rows: readonly MailRow[], into: string | undefined): Promise<Acted> {
    const { changes, lists, mails, count, trash } = this.#parts
    const threads = rows.filter((row) => row.count > 1).map(keyOfThread)
    changes.take([...rows.map(keyOfMail), ...threads])
    const removal = lists.takeOutGone()
    mails.takeOutGone()
    const target = into ?? trash()
    const move = (row: MailRow, sign: 1 | -1) => {
      count(row.folder, -sign * row.count, -sign * unreadOf(row))
      if (target !== undefined && target !== row.folder) count(target, sign * row.count, sign * unreadOf(row))
    }
    for (const row of rows) move(row, 1)
    const done: Moved[] = []
    const handled = new Set<string>()
    try {
      // To ask the server takes the browser as long as to draw the list without the rows.
      await new Promise<void>(afterPaint)
      const members = await this.#members(rows)
      changes.take(members.map(keyOfMail))
      for (const [folder, group] of byFolder(members))
        for (let at = 0; at < group.length; at += chunk) {
          const part = group.slice(at, at + chunk)
          done.push(...(await takePart(folder, part, into)).map((moved) => ({ ...moved, folder })))
          for (const row of part) handled.add(keyOfMail(row))
        }
      changes.giveBack(threads)
      removal.settled()
      const movable = done.filter(({ to, folder }) => to.folder !== folder)
      return { count: members.length, undo: movable.length === 0 ? undefined : () => this.#moveBack(movable) }
    } catch (error) {
      const back = rows.filter((row) => !handled.has(keyOfMail(row)))
      const keys = new Set(back.map(keyOfMail))
      changes.giveBack([...keys, ...threads])
      removal.putBack((row) => keys.has(keyOfMail(row)))
      mails.forgetThreads()
      for (const row of back) move(row, -1)
      throw error
    }
  }

  async #moveBack(moved: readonly Moved[]): Promise<void> {
    const { changes, lists, mails, refresh } = this.#parts
    const now = moved.map(({ to, folder: origin }) => ({ ...to, origin }))
    changes.take(now.map(keyOfMail))
    const removal = lists.takeOutGone()
    try {
      for (const [folder, group] of byFolder(now))
        for (const [origin, mails = []] of Object.entries(Object.groupBy(group, (mail) => mail.origin)))
          for (let at = 0; at < mails.length; at += chunk) await takePart(folder, mails.slice(at, at + chunk), origin)
      removal.settled()
    } catch (error) {
      changes.giveBack(now.map(keyOfMail))
      removal.putBack()
      throw error
    }
    mails.forgetThreads()
    await refresh()
  }

  /** Marks mails. Reading a conversation reads all its mails here; other marks are its newest mail's. @throws ApiError */
  async mark(rows: readonly MailRow[], wish: Wish): Promise<Acted> {
    const { changes, lists, mails, count } = this.#parts
    const wished = rows.filter((row) => (wish.seen !== undefined && wish.seen !== (unreadOf(row) === 0)) || (wish.flagged !== undefined && wish.flagged !== row.flagged))
    const marked = new Map(wished.map((row) => [keyOfMail(row), marksFor(row, wish)]))
    const before = new Map(wished.map((row) => [keyOfMail(row), marksOf(row)]))
    const overlays = [...marked].map(([key, marks]) => changes.mark(key, marks))
    const whole = new Set(wished.filter((row) => row.count > 1).map(keyOfMail))
    const show = (which: ReadonlyMap<string, Marks>, sign: 1 | -1) => {
      const unread = unreadChanges(wished, wish, sign)
      lists.change((row) => {
        const marks = which.get(keyOfMail(row))
        if (row.count === 1 || whole.has(keyOfMail(row))) return marks ? { ...row, ...marks } : row
        const change = unread.get(keyOfThread(row))
        return change === undefined ? row : { ...row, ...(marks?.flagged === undefined ? {} : { flagged: marks.flagged }), unreadCount: Math.max(0, Math.min(row.count, row.unreadCount + change)) }
      })
      for (const [key, marks] of which) mails.change(key, marks)
    }
    const recount = (sign: 1 | -1) => {
      for (const row of wished) count(row.folder, 0, sign * ((marked.get(keyOfMail(row))?.unreadCount ?? unreadOf(row)) - unreadOf(row)))
    }
    show(marked, 1)
    recount(1)
    try {
      const members = wish.seen === true ? (await this.#members(wished)).filter((row) => !row.seen || wish.flagged !== undefined || marked.has(keyOfMail(row))) : wished
      await change(members, wish)
      for (const overlay of overlays) overlay.settle(performance.now())
      return { count: members.length, undo: wished.length === 0 ? undefined : () => this.#unmark(members, wish, before, () => (show(before, -1), recount(-1))) }
    } catch (error) {
      for (const overlay of overlays) overlay.drop()
      show(before, -1)
      recount(-1)
      throw error
    }
  }

  async #unmark(members: readonly MailRow[], wish: Wish, before: ReadonlyMap<string, Marks>, showBefore: () => void): Promise<void> {
    const back: Wish = { ...(wish.seen === undefined ? {} : { seen: !wish.seen }), ...(wish.flagged === undefined ? {} : { flagged: !wish.flagged }) }
    const overlays = [...before].map(([key, marks]) => this.#parts.changes.mark(key, marks))
    showBefore()
    try {
      await change(members, back)
      for (const overlay of overlays) overlay.settle(performance.now())
    } catch (error) {
      for (const overlay of overlays) overlay.drop()
      await this.#parts.refresh()
      throw error
    }
  }

  /** The mails that rows stand for: those of a conversation that lie in the row's folder. */
  async #members(rows: readonly MailRow[]): Promise<MailRow[]> {
    const found = new Map<string, MailRow>()
    const waiting = [...rows]
    const next = async (): Promise<void> => {
      for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
        const { folder } = row
        const members = row.count > 1 ? await actions.openThread(row.thread, folder) : []
        for (const member of [row, ...members]) if (!found.has(keyOfMail(member))) found.set(keyOfMail(member), member)
      }
    }
    await Promise.all(Array.from({ length: 6 }, next))
    return [...found.values()]
  }
}

async function takePart(folder: string, mails: readonly { readonly folder: string; readonly id: string }[], into: string | undefined): Promise<MailsMoved["moved"]> {
  const [only] = mails
  if (only && mails.length === 1) {
    const to = into === undefined ? await api.deleteMail(only) : await api.changeMail(only, { folder: into })
    return to ? [{ from: only.id, to }] : []
  }
  const ids = mails.map((mail) => mail.id)
  return (await actions.changeMails(folder, into === undefined ? { ids, trash: true } : { ids, change: { folder: into } })).moved
}

async function change(rows: readonly MailRow[], wish: Wish): Promise<void> {
  for (const [folder, group] of byFolder(rows))
    for (let at = 0; at < group.length; at += chunk) {
      const part = group.slice(at, at + chunk)
      const [only] = part
      await (only && part.length === 1 ? api.changeMail(only, wish) : actions.changeMails(folder, { ids: part.map((row) => row.id), change: wish }))
    }
}

/** By how much the unread mails of conversations change when these single mails are marked; `sign` -1: taken back. */
function unreadChanges(rows: readonly MailRow[], { seen }: Wish, sign: 1 | -1): Map<string, number> {
  const changes = new Map<string, number>()
  for (const row of rows) {
    if (row.count > 1 || row.thread === "") continue
    const by = seen === undefined || seen === row.seen ? 0 : seen ? -1 : 1
    changes.set(keyOfThread(row), (changes.get(keyOfThread(row)) ?? 0) + by * sign)
  }
  return changes
}

/** Unread mails that a row stands for. */
export function unreadOf(row: MailRow): number {
  return row.count > 1 ? row.unreadCount : row.seen ? 0 : 1
}

function marksOf({ seen, flagged, unreadCount }: MailRow): Marks {
  return { seen, flagged, unreadCount }
}

function marksFor(row: MailRow, wish: Wish): Marks {
  const unread = wish.seen === undefined ? {} : { seen: wish.seen, unreadCount: wish.seen ? 0 : Math.max(1, row.unreadCount) }
  return { ...unread, ...(wish.flagged === undefined ? {} : { flagged: wish.flagged }) }
}
