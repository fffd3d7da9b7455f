import { reactive, ref, shallowRef } from "vue"
import { ApiError } from "../api/client.ts"
import { attachmentUrl, openMail } from "../api/mail.ts"
import { saveDraft, uploadUrl } from "../api/writing.ts"
import { DraftSaver, type SaveState } from "./draft-saver.ts"
import { forgetFile, forgetLetter, keepLetter, keptFile } from "./letter-keeper.ts"
import type { Letter } from "./letter.ts"
import { LetterFiles } from "./letter-files.ts"
import { outgoing } from "./outgoing.ts"
import { filesAsParts } from "./draft-parts.ts"

/** How a letter's window stands. */
export type WindowView = "docked" | "full" | "minimised"

/** What the page tells a letter, and asks of it. */
export interface LetterSurroundings {
  readonly owner: string
  /** Bytes that all files together may have. */
  readonly limit: () => number
  /** The server says that it is sent already: an answer that was lost on its way. */
  readonly alreadySent: () => void
}

/** What takes a sentence about a problem away again. */
export type Passing = "weight" | "files" | "online" | "saved"

/** Refusals that stay the same until the letter changes. */
const lasting = new Set<ApiError["code"]>(["no-mailbox", "account-removed", "invalid", "invalid-address", "too-large", "too-many-recipients", "not-found", "sender-not-owned"])
/** Refusals that pass once other things are deleted or sent: worth saying, and asked again. */
const passing = new Set<ApiError["code"]>(["mailbox-full", "uploads-full"])
const batch = 300

/** One letter on the desk: what is in it, its window, its files on their way, and how it is kept. */
export class OpenLetter {
  readonly id: string
  readonly letter: Letter
  readonly files: LetterFiles
  readonly view = ref<WindowView>("docked")
  /** Raised to put it in front and give it the focus. */
  readonly called = ref(0)
  readonly touched = ref(false)
  readonly sending = ref(false)
  readonly saveState = ref<SaveState>("clean")
  /** Milliseconds since 1970 of the last draft on the server. */
  readonly savedAt = ref<number>()
  /** Why saving does not work, where it never will as the letter stands. */
  readonly refusal = shallowRef<ApiError>()
  /** A sentence about what keeps it from being sent; see `explain`. */
  readonly problem = ref("")
  /** Its wording when it was last given to the server, whose answer did not come: it may be sent, as it was then. */
  tried: string | undefined
  /** While it is being taken back: nothing of it is saved or sent before that is answered. False: it is on its way as it was. */
  settled: Promise<boolean> | undefined
  /** The mail in the outbox that it is then. */
  undoes: string | undefined
  /** Kept on this computer. */
  readonly kept = ref(true)
  /** Takes over what stands in the editor; set by its window. */
  collect: () => void = () => undefined

  readonly #surroundings: LetterSurroundings
  readonly #saver: DraftSaver
  readonly #release: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #ended = false
  #until: Passing | undefined

  constructor(id: string, letter: Letter, surroundings: LetterSurroundings, release: () => void) {
    this.id = id
    this.letter = reactive({ ...letter })
    this.#surroundings = surroundings
    this.#release = release
    this.#saver = new DraftSaver({
      save: () => this.#saveNow(),
      changed: (state) => (this.saveState.value = state),
      now: () => performance.now(),
      later: (run, milliseconds) => {
        const timer = setTimeout(run, milliseconds)
        return () => clearTimeout(timer)
      },
    })
    this.files = new LetterFiles(id, this.letter, surroundings.limit, () => {
      if (![...this.files.transfers.values()].some(({ failed }) => failed !== undefined)) this.passed("files")
      this.changed()
    })
  }

  /** Says what is in the way of it, and until when. */
  explain(text: string, until?: Passing): void {
    this.problem.value = text
    this.#until = until
  }

  /** What was in the way is gone. */
  passed(what: Passing): void {
    if (this.#until === what) this.explain("")
  }

  get empty(): boolean {
    const { to, cc, bcc, files, subject, text, html, signature } = this.letter
    const written = this.letter.writeAs === "plain" ? text.trim() : html.replace(/<img/g, "x").replace(/<[^>]*>/g, "").trim()
    return to.length + cc.length + bcc.length + files.length === 0 && subject.trim() === "" && (written === "" || (signature !== "" && !this.touched.value))
  }

  /** Something was written or chosen: kept here soon, saved a little later. */
  changed(): void {
    if (this.#ended) return
    this.touched.value = true
    this.#timer ??= setTimeout(() => this.keepNow(), batch)
  }

  /** Keeps what is there on this computer at once. */
  keepNow(): void {
    clearTimeout(this.#timer)
    const changed = this.#timer !== undefined
    this.#timer = undefined
    if (this.#ended || !this.touched.value) return
    this.collect()
    void this.keep()
    if (changed) this.#saver.touch()
  }

  async keep(outbox?: string): Promise<void> {
    const letter = structuredClone(plain(this.letter))
    this.kept.value = await keepLetter({ id: this.id, owner: this.#surroundings.owner, changed: Date.now(), letter, outbox: outbox ?? this.undoes, touched: this.touched.value || this.undoes !== undefined, tried: this.tried, undoing: this.undoes !== undefined }).then(() => true, () => false)
  }

  /** Saves on the server what is not saved yet; answers whether all of it is. */
  async flush(): Promise<boolean> {
    this.keepNow()
    await this.files.settled()
    this.keepNow()
    return this.#saver.flush()
  }

  /** The connection is back. */
  again(): void {
    this.passed("online")
    this.files.again()
    this.#saver.again()
  }

  /** Ends saving before it is sent or thrown away. */
  async stop(): Promise<void> {
    this.keepNow()
    await this.#saver.stop()
  }

  resume(): void {
    this.#saver.resume()
  }

  /** It is sent, saved or thrown away: nothing of it stays here. */
  async end(forget: boolean): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    this.files.end()
    await this.#saver.stop()
    if (forget) await forgetLetter(this.id)
    this.#release()
  }

  /** Address from which a picture of the text is shown. */
  pictureAddress(cid: string): string | undefined {
    const file = this.letter.files.find((each) => each.cid === cid)
    if (!file) return undefined
    const local = this.files.address(file.key)
    if (local !== undefined) return local
    if (file.source.at === "upload") return uploadUrl(file.source.upload)
    return file.source.at === "part" ? attachmentUrl(file.source, file.source.attachment) : undefined
  }

  /** Brings back the files that were only on this computer; answers the names of those that are gone. */
  async restoreFiles(): Promise<string[]> {
    const lost: string[] = []
    for (const file of this.letter.files) {
      if (file.source.at !== "here") continue
      const blob = await keptFile(this.id, file.key)
      if (blob) this.files.resume(file, blob)
      else lost.push(file.name)
    }
    this.letter.files = this.letter.files.filter((file) => file.source.at !== "here" || !lost.includes(file.name))
    return lost
  }

  async #saveNow(): Promise<boolean> {
    this.collect()
    if (this.settled) throw new ApiError("unavailable", "", 0)
    try {
      const place = await saveDraft(outgoing(this.letter, this.id, zone()))
      this.letter.draft = place
      if (this.letter.files.some(({ source }) => source.at === "part")) this.letter.files = filesAsParts(this.letter.files, "parts", await openMail(place))
      this.refusal.value = undefined
      this.savedAt.value = Date.now()
      this.passed("saved")
      if (!this.#ended) await this.keep()
      return true
    } catch (error) {
      if (error instanceof ApiError && error.code === "already-sent") {
        this.#surroundings.alreadySent()
        return true
      }
      const told = error instanceof ApiError && (lasting.has(error.code) || passing.has(error.code)) ? error : undefined
      this.refusal.value = told
      if (!told || passing.has(told.code)) throw error
      return false
    }
  }

  /** The blobs of files that the server has now need not lie here as well. */
  async dropKeptFiles(): Promise<void> {
    for (const file of this.letter.files) if (file.source.at !== "here") await forgetFile(this.id, file.key)
  }
}

/** The writer's time zone, as IANA names it. */
export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** Reactive proxies cannot be kept in the database. */
const plain = (letter: Letter): Letter => JSON.parse(JSON.stringify(letter)) as Letter
