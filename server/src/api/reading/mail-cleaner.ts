import { Worker } from "node:worker_threads"
import { TaskSlots } from "../../mailbox/task-slots.ts"
import { bareHtml, sanitizeMailHtml, type SafeHtml } from "../mail-html.ts"
import { ownPicture } from "../parts/own-pictures.ts"
import { pictureLink } from "./picture-signature.ts"

/** A mail's HTML and all that decides how it is cleaned, in a form that another thread can be given. */
export interface CleaningOrder {
  readonly html: string
  /** Addresses of the pictures that lie in the mail, by what `src` says. */
  readonly pictures: ReadonlyMap<string, string>
  readonly dark: boolean
  /** Pictures from outside are shown through us: the key of this installation and who reads. Undefined: left out. */
  readonly remote: { readonly key: Uint8Array; readonly user: string } | undefined
  /** Milliseconds, after which it is shown as text; left out: as for all. */
  readonly patience?: number
}

/** Longer HTML is cleaned by another thread, characters: below, that costs more than it saves. */
const largeFrom = 200_000
const maxThreads = 2
/** What takes longer there is shown as text, milliseconds; a little later the thread is ended. */
const patienceMs = 10_000
const graceMs = 2_000
/** Memory of a thread, megabytes. */
const maxMemory = 768

/** Cleans as the order says, here and now. */
export function cleanNow({ html, pictures, dark, remote, patience }: CleaningOrder): SafeHtml {
  const key = remote && Buffer.from(remote.key)
  return sanitizeMailHtml(html, (src) => ownPicture(pictures, src), { sheets: true, dark, ...(patience === undefined ? {} : { patience }), ...(remote && key ? { remotePicture: (url: string) => pictureLink(key, remote.user, url) } : {}) })
}

/** Cleans mails; large ones in threads of their own, so that nobody else waits for them. Threads are kept, and hold up no shutdown. */
export class MailCleaner {
  readonly #slots = new TaskSlots(maxThreads)
  readonly #idle: Worker[] = []
  readonly #patience: number
  readonly #grace: number

  constructor(patience = patienceMs, grace = graceMs) {
    this.#patience = patience
    this.#grace = grace
  }

  /** Never fails for what is in the mail: what cannot be cleaned in time is shown as text (`reduced`). */
  async clean(order: CleaningOrder): Promise<SafeHtml> {
    if (order.html.length <= largeFrom) return cleanNow(order)
    return this.#slots.run(() => this.#elsewhere(order))
  }

  /** Ends the threads that wait for work. */
  async stop(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((worker) => worker.terminate()))
  }

  async #elsewhere(order: CleaningOrder): Promise<SafeHtml> {
    const worker = this.#idle.pop() ?? startThread()
    const made = await answerOf(worker, { ...order, patience: this.#patience }, this.#patience + this.#grace)
    if (made) this.#idle.push(worker)
    else void worker.terminate()
    return made ?? bareHtml(order.html)
  }
}

function startThread(): Worker {
  const worker = new Worker(new URL("clean-thread.ts", import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: maxMemory } })
  worker.unref()
  // One that waits and fails is found out when it is asked next.
  worker.on("error", () => undefined)
  return worker
}

/** What the thread makes of it; undefined where it fails or takes too long. */
function answerOf(worker: Worker, order: CleaningOrder, patience: number): Promise<SafeHtml | undefined> {
  return new Promise((resolve) => {
    const done = (made: SafeHtml | undefined) => {
      clearTimeout(timer)
      worker.off("message", done).off("error", failed).off("exit", failed)
      worker.unref()
      resolve(made)
    }
    const failed = () => done(undefined)
    const timer = setTimeout(failed, patience)
    worker.ref()
    worker.once("message", done).once("error", failed).once("exit", failed)
    worker.postMessage(order)
  })
}
