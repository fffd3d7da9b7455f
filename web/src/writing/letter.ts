import type { Mailbox, MailReference } from "@lifeboat/shared/schemas/mail"
import type { MailPlace } from "../api/mail.ts"
import { picturesIn } from "../editor/mail-html.ts"

/** Where a file of a letter lies: uploaded, a part of a mail in the mailbox, or still only on this computer. */
export type FileSource =
  | { readonly at: "upload"; readonly upload: string }
  | { readonly at: "part"; readonly folder: string; readonly id: string; readonly attachment: string }
  | { readonly at: "here" }

/** A file that goes along. `key`: its name within the letter; `cid`: it is a picture in the text. */
export interface LetterFile {
  readonly key: string
  readonly name: string
  readonly contentType: string
  readonly size: number
  readonly cid: string | undefined
  readonly source: FileSource
}

/** The mail that is answered or forwarded, as it is shown below the writing. `url`: its page for the safe frame, where it has HTML. */
export interface Original {
  readonly sender: Mailbox
  readonly date: string
  readonly url: string | undefined
  readonly text: string
  /** Its page can be read on dark ground. */
  readonly darkReadable?: boolean
}

/** A mail being written: everything that must survive whatever happens to the page. */
export interface Letter {
  /** The address to write as; empty: the own one. */
  from: string
  to: readonly string[]
  cc: readonly string[]
  bcc: readonly string[]
  subject: string
  writeAs: "rich" | "plain"
  /** The body in both forms; `html` counts where it is rich. */
  html: string
  text: string
  /** Id of the signature that is in the text; empty: none. */
  signature: string
  reference: MailReference | undefined
  quote: boolean
  original: Original | undefined
  files: readonly LetterFile[]
  draft: MailPlace | undefined
}

export const emptyLetter = (writeAs: Letter["writeAs"] = "rich"): Letter => ({
  from: "", to: [], cc: [], bcc: [], subject: "", writeAs, html: "", text: "", signature: "", reference: undefined, quote: false, original: undefined, files: [], draft: undefined,
})

/** The files that go along: pictures that were deleted from the text stay behind. */
export function filesToSend(letter: Pick<Letter, "files" | "html" | "writeAs">): readonly LetterFile[] {
  const shown = letter.writeAs === "rich" ? picturesIn(letter.html) : new Set<string>()
  return letter.files.filter((file) => file.cid === undefined || shown.has(file.cid))
}

/** All that a recipient would get of it, as one text to be compared. */
export const wordingOf = (letter: Letter): string =>
  JSON.stringify([letter.from, letter.to, letter.cc, letter.bcc, letter.subject, letter.writeAs, letter.writeAs === "rich" ? letter.html : letter.text, letter.quote, filesToSend(letter).map(({ key }) => key)])

/** A letter as plain text with its people and subject, to be taken along. */
export function wordsOf({ to, cc, bcc, subject, text }: Letter, labels: Readonly<Record<"to" | "cc" | "bcc" | "subject", string>>): string {
  const line = (label: string, value: string) => (value === "" ? [] : [`${label}: ${value}`])
  return [...line(labels.to, to.join(", ")), ...line(labels.cc, cc.join(", ")), ...line(labels.bcc, bcc.join(", ")), ...line(labels.subject, subject.trim()), "", text].join("\n").trim()
}

/** Bytes of all files that go along. */
export const weightOf = (letter: Pick<Letter, "files" | "html" | "writeAs">): number => filesToSend(letter).reduce((sum, file) => sum + file.size, 0)

/** Files that are listed; pictures in the text are not. */
export const attachedFiles = (letter: Pick<Letter, "files">): readonly LetterFile[] => letter.files.filter((file) => file.cid === undefined)

/** A name by chance for a letter. Not `randomUUID`, which pages without HTTPS do not have. */
export const letterName = (): string => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")
