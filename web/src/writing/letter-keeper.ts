import type { MailPlace } from "../api/mail.ts"
import type { Letter } from "./letter.ts"

/** A letter as it lies on this computer. `outbox`: it is on its way, held back there. */
export interface KeptLetter {
  readonly id: string
  readonly owner: string
  /** Milliseconds since 1970. */
  readonly changed: number
  readonly letter: Letter
  readonly outbox: string | undefined
  /** It was only looked at, not written on. */
  readonly touched: boolean
  /** Its wording when it was given to the server, which may have it; see `OpenLetter.tried`. */
  readonly tried?: string | undefined
  /** It is being taken back from the outbox, and the answer has not come. */
  readonly undoing?: boolean
}

const name = "lifeboat-writing"
let opened: Promise<IDBDatabase> | undefined

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, 1)
    request.addEventListener("upgradeneeded", () => {
      request.result.createObjectStore("letters", { keyPath: "id" })
      request.result.createObjectStore("files")
    })
    request.addEventListener("success", () => {
      request.result.addEventListener("versionchange", () => request.result.close())
      request.result.addEventListener("close", () => (opened = undefined))
      resolve(request.result)
    })
    request.addEventListener("error", () => reject(request.error ?? new Error("no database")))
  }).catch((error: unknown) => {
    opened = undefined
    throw error
  })
  return opened
}

/** Runs one transaction; resolves once it is complete. @throws DOMException without room, or where the browser keeps nothing */
async function within<T>(mode: IDBTransactionMode, work: (letters: IDBObjectStore, files: IDBObjectStore) => IDBRequest<T> | undefined): Promise<T | undefined> {
  const database = await open()
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(["letters", "files"], mode)
    const request = work(transaction.objectStore("letters"), transaction.objectStore("files"))
    transaction.addEventListener("complete", () => resolve(request?.result))
    transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("aborted")))
  })
}

const fileKey = (letter: string, key: string) => `${letter}/${key}`
const filesOf = (letter: string) => IDBKeyRange.bound(`${letter}/`, `${letter}/\uffff`)

/** Keeps a letter on this computer. @throws DOMException when the browser has no room */
export const keepLetter = (kept: KeptLetter) => within("readwrite", (letters) => void letters.put(kept))

/** The letters of one person that lie on this computer, the oldest first; none where the browser keeps nothing. */
export async function keptLetters(owner: string): Promise<KeptLetter[]> {
  const all: unknown = await within("readonly", (letters) => letters.getAll()).catch(() => [])
  return (Array.isArray(all) ? all : []).filter(isKept).filter((kept) => kept.owner === owner).sort((a, b) => a.changed - b.changed)
}

/** Forgets a letter with its files. */
export const forgetLetter = (id: string) =>
  within("readwrite", (letters, files) => {
    letters.delete(id)
    files.delete(filesOf(id))
    return undefined
  }).catch(() => undefined)

/** Keeps a file that is not uploaded yet. @throws DOMException when the browser has no room */
export const keepFile = (letter: string, key: string, file: Blob) => within("readwrite", (_letters, files) => void files.put(file, fileKey(letter, key)))
export const forgetFile = (letter: string, key: string) => within("readwrite", (_letters, files) => files.delete(fileKey(letter, key))).catch(() => undefined)
export async function keptFile(letter: string, key: string): Promise<Blob | undefined> {
  const file: unknown = await within("readonly", (_letters, files) => files.get(fileKey(letter, key))).catch(() => undefined)
  return file instanceof Blob ? file : undefined
}

const putAwayKey = (owner: string) => `lifeboat.put-away.${owner}`

/** Drafts that were open when somebody signed out, by their places: they open again at the next sign-in. */
export function putAwayLetters(owner: string): MailPlace[] {
  try {
    const places: unknown = JSON.parse(localStorage.getItem(putAwayKey(owner)) ?? "[]")
    return Array.isArray(places) ? places.filter((place): place is MailPlace => typeof place === "object" && place !== null && typeof (place as MailPlace).folder === "string" && typeof (place as MailPlace).id === "string") : []
  } catch {
    return []
  }
}
export function rememberPutAway(owner: string, places: readonly MailPlace[]): void {
  if (places.length > 0) localStorage.setItem(putAwayKey(owner), JSON.stringify(places))
  else localStorage.removeItem(putAwayKey(owner))
}

const texts = (value: unknown) => Array.isArray(value) && value.every((text) => typeof text === "string")

/** What an older page left behind may have another shape. */
export function isKept(value: unknown): value is KeptLetter {
  if (typeof value !== "object" || value === null) return false
  const { id, owner, changed, letter } = value as Record<string, unknown>
  if (typeof id !== "string" || typeof owner !== "string" || typeof changed !== "number" || typeof letter !== "object" || letter === null) return false
  const { to, cc, bcc, subject, html, text, writeAs, files, from, signature, quote } = letter as Record<string, unknown>
  return texts(to) && texts(cc) && texts(bcc) && [subject, html, text, from, signature].every((each) => typeof each === "string") && (writeAs === "rich" || writeAs === "plain") && Array.isArray(files) && typeof quote === "boolean"
}

/**
 * Takes hold of a letter for this window, so that no other tab restores it as well; false where another one has it. It
 * is let go with the answered function, or when the tab ends.
 */
export async function takeHold(id: string): Promise<(() => void) | undefined> {
  // Not every browser has locks, and none has them outside of HTTPS.
  if (!("locks" in navigator)) return () => undefined
  return new Promise((resolve) => {
    void navigator.locks.request(`lifeboat-letter-${id}`, { ifAvailable: true }, (lock) => {
      if (!lock) return void resolve(undefined)
      return new Promise<void>((release) => resolve(release))
    })
  })
}
