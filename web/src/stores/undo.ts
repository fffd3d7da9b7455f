import { shallowReactive } from "vue"
import { dismiss, say, sayError } from "../ui/toasts.ts"
import { t } from "../text/index.ts"
import { afterPaint } from "../ui/after-paint.ts"

/** Something that was done and can be taken back. */
export interface Undoable {
  readonly text: string
  readonly undo: () => Promise<void>
}

const most = 30

/** What can be taken back, latest last. Each once, in any order. */
export class UndoStack {
  readonly #entries = shallowReactive<Undoable[]>([])

  get size(): number {
    return this.#entries.length
  }

  has(entry: Undoable): boolean {
    return this.#entries.includes(entry)
  }

  /** Answers a function that takes the entry off again: it did not come to pass. */
  push(entry: Undoable): () => void {
    this.#entries.push(entry)
    if (this.#entries.length > most) this.#entries.shift()
    return () => {
      const at = this.#entries.indexOf(entry)
      if (at >= 0) this.#entries.splice(at, 1)
    }
  }

  /** Takes this one back, or the latest. Answers whether there was something. @throws Error of the undoing: then it can be tried again. */
  async undo(entry: Undoable | undefined = this.#entries.at(-1)): Promise<boolean> {
    const at = entry === undefined ? -1 : this.#entries.indexOf(entry)
    if (entry === undefined || at < 0) return false
    this.#entries.splice(at, 1)
    try {
      await entry.undo()
      return true
    } catch (error) {
      this.#entries.splice(Math.min(at, this.#entries.length), 0, entry)
      throw error
    }
  }
}

export const undoStack = new UndoStack()
const shown = new Map<Undoable, number>()

/**
 * Says what was done, with a button that takes it back; Ctrl+Z does the same as long as the page lives. Answers a
 * function that takes both off again: it did not come to pass.
 */
export function didUndoably(entry: Undoable): () => void {
  const retract = undoStack.push(entry)
  // What was done is seen before it is said.
  afterPaint(() => undoStack.has(entry) && offer(entry))
  return () => {
    retract()
    const id = shown.get(entry)
    shown.delete(entry)
    if (id !== undefined) dismiss(id)
  }
}

/** One offer at a time: quick triage must not cover the list with them. */
function offer(entry: Undoable): void {
  for (const [before, id] of shown) {
    dismiss(id)
    shown.delete(before)
  }
  shown.set(entry, say(entry.text, { label: t("ui.undo"), run: () => void undoOne(entry) }))
}

async function undoOne(entry: Undoable): Promise<void> {
  try {
    if (await undoStack.undo(entry)) shown.delete(entry)
  } catch (error) {
    sayError(error)
  }
}

/** Takes back what was done last; says so when there is nothing. */
export async function undoLast(): Promise<void> {
  const before = [...shown]
  try {
    const done = await undoStack.undo()
    say(done ? t("mailList.undone") : t("mailList.nothingToUndo"))
  } catch (error) {
    sayError(error)
  }
  const last = before.at(-1)
  if (last) {
    shown.delete(last[0])
    dismiss(last[1])
  }
}
