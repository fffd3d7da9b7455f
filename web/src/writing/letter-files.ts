import { reactive } from "vue"
import { ApiError } from "../api/client.ts"
import { removeUpload } from "../api/writing.ts"
import { fileName } from "./file-name.ts"
import { forgetFile, keepFile } from "./letter-keeper.ts"
import { type Letter, type LetterFile, weightOf } from "./letter.ts"
import { type Upload, upload } from "./upload.ts"

/** A file on its way to the server: from 0 to 1, or why it is not there. */
export interface Transfer {
  progress: number
  failed: ApiError["code"] | undefined
}

const atOnce = 2

/** The files of one letter: on this computer first, then uploaded one after the other, while the writing goes on. */
export class LetterFiles {
  readonly transfers = reactive(new Map<string, Transfer>())
  readonly #id: string
  readonly #letter: Letter
  readonly #limit: () => number
  readonly #changed: () => void
  readonly #blobs = new Map<string, Blob>()
  readonly #addresses = new Map<string, string>()
  readonly #running = new Map<string, Upload>()
  #waiting: string[] = []
  #idle: (() => void)[] = []

  constructor(id: string, letter: Letter, limit: () => number, changed: () => void) {
    this.#id = id
    this.#letter = letter
    this.#limit = limit
    this.#changed = changed
  }

  get tooHeavy(): boolean {
    return weightOf(this.#letter) > this.#limit()
  }

  get busy(): boolean {
    return this.#running.size + this.#waiting.length > 0
  }

  /** Adds files; as pictures of the text where `inline`. Answers them as the letter has them now. */
  add(files: readonly File[], inline: boolean): LetterFile[] {
    const added = files.map((file): LetterFile => {
      const key = crypto.getRandomValues(new Uint32Array(3)).join("-")
      return { key, name: fileName(file.name || "attachment"), contentType: file.type || "application/octet-stream", size: file.size, cid: inline ? `p${key}@lifeboat` : undefined, source: { at: "here" } }
    })
    this.#letter.files = [...this.#letter.files, ...added]
    added.forEach((each, at) => files[at] && this.resume(each, files[at]))
    this.#changed()
    return added
  }

  /** Goes on with a file that is only on this computer. */
  resume(file: LetterFile, blob: Blob): void {
    this.#blobs.set(file.key, blob)
    void keepFile(this.#id, file.key, blob).catch(() => undefined)
    if (file.cid !== undefined) this.#addresses.set(file.key, URL.createObjectURL(blob))
    this.#enqueue(file.key)
  }

  /** The bytes of a file that is only on this computer. */
  blob(key: string): Blob | undefined {
    return this.#blobs.get(key)
  }

  address(key: string): string | undefined {
    return this.#addresses.get(key)
  }

  remove(key: string): void {
    const file = this.#letter.files.find((each) => each.key === key)
    this.#running.get(key)?.cancel()
    this.#waiting = this.#waiting.filter((each) => each !== key)
    this.#letter.files = this.#letter.files.filter((each) => each.key !== key)
    this.transfers.delete(key)
    this.#blobs.delete(key)
    void forgetFile(this.#id, key)
    if (file?.source.at === "upload") void removeUpload(file.source.upload).catch(() => undefined)
    this.#changed()
    for (const [each, { failed }] of this.transfers) if (failed === "too-large") this.#enqueue(each)
  }

  retry(key: string): void {
    this.#enqueue(key)
  }

  /** Tries again what failed for a reason that passes. */
  again(): void {
    for (const [key, { failed }] of this.transfers) if (failed !== undefined && failed !== "too-large") this.#enqueue(key)
  }

  /** Resolves when no file is on its way any more. */
  settled(): Promise<void> {
    return this.busy ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve()
  }

  end(): void {
    for (const each of this.#running.values()) each.cancel()
    this.#waiting = []
    for (const address of this.#addresses.values()) URL.revokeObjectURL(address)
  }

  #enqueue(key: string): void {
    if (this.#running.has(key) || this.#waiting.includes(key) || !this.#blobs.has(key)) return
    if (this.tooHeavy) {
      this.transfers.set(key, { progress: 0, failed: "too-large" })
      return
    }
    this.transfers.set(key, { progress: 0, failed: undefined })
    this.#waiting.push(key)
    this.#next()
  }

  #next(): void {
    while (this.#running.size < atOnce) {
      const key = this.#waiting.shift()
      if (key === undefined) break
      void this.#send(key)
    }
    if (this.busy) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #send(key: string): Promise<void> {
    const file = this.#letter.files.find((each) => each.key === key)
    const blob = this.#blobs.get(key)
    if (!file || !blob) return
    const under = upload(file.name, blob, (progress) => this.transfers.set(key, { progress, failed: undefined }))
    this.#running.set(key, under)
    try {
      const { id, size } = await under.done
      this.#letter.files = this.#letter.files.map((each) => (each.key === key ? { ...each, size, source: { at: "upload" as const, upload: id } } : each))
      this.transfers.delete(key)
      this.#blobs.delete(key)
      this.#changed()
    } catch (error) {
      if (!(error instanceof DOMException) && this.transfers.has(key)) this.transfers.set(key, { progress: 0, failed: error instanceof ApiError ? error.code : "internal" })
    } finally {
      this.#running.delete(key)
      this.#next()
    }
  }
}
