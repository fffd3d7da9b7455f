import type { Database } from "../../store/database.ts"

const stateId = "mail-index"
/** A feed that has not been heard of for this long may be behind, milliseconds. */
const silent = 30_000
/** For how long an answer is believed, milliseconds. */
const believed = 1_000

/** How far the index is. */
export interface MailIndexState {
  /** A whole comparison has gone through since the last gap. */
  readonly complete: boolean
  /** Where a comparison under way goes on: every mail up to this id is done. */
  readonly position: string | null
  /** When the feed last said that it is up to date. */
  readonly heard: Date
}

/** Reads the state; undefined: nothing has been indexed yet. */
export async function readIndexState(database: Database): Promise<MailIndexState | undefined> {
  return (await database.state.findOne({ _id: stateId }))?.value as MailIndexState | undefined
}

export async function writeIndexState(database: Database, change: Partial<MailIndexState>): Promise<void> {
  await database.state.updateOne({ _id: stateId }, { $set: Object.fromEntries(Object.entries(change).map(([name, value]) => [`value.${name}`, value])) }, { upsert: true })
}

/** Answers whether lists may rely on the index, without asking the database each time. */
export class MailIndexHealth {
  readonly #database: Database
  #known: { readonly complete: boolean; readonly at: number } | undefined

  constructor(database: Database) {
    this.#database = database
  }

  /** False: it has gaps, or nobody feeds it. */
  async complete(): Promise<boolean> {
    if (this.#known && performance.now() - this.#known.at < believed) return this.#known.complete
    const state = await readIndexState(this.#database)
    const complete = state?.complete === true && this.#database.now().getTime() - state.heard.getTime() < silent
    this.#known = { complete, at: performance.now() }
    return complete
  }
}
