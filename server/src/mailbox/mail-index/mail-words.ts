/** What is looked up of a mail. Words are folded: lower case, without accents, `ß` as `ss`. */
export interface MailWords {
  /** Distinct words of the whole mail, and those of single fields with the field's letter before them. */
  readonly words: string[]
  /** Which pairs of neighbouring words the mail may have (a Bloom filter): a phrase is looked for only where all its pairs may be. */
  readonly pairs: Uint8Array<ArrayBuffer>
}

/** The parts of a mail that are searched, as they are read by a person. */
export interface MailTexts {
  readonly subject: string
  readonly from: string
  /** To and Cc. */
  readonly to: string
  readonly text: string
  readonly attachments: boolean
}

/** Letters of the fields that can be searched on their own; a word never contains a colon, so they cannot be mistaken. */
export const fieldMarks = { subject: "s:", from: "f:", to: "t:" } as const
/** Stands among the words of mails with an attachment. */
export const attachmentMark = "h:attachment"

const longestWord = 40
/** Characters of a mail's text that are indexed: the rest of a very long mail is not searched. */
export const indexedText = 32_000
const indexedField = 4_000
const mostWords = 1_500
/** Bits for pairs: 2 of 100 mails of 300 words may wrongly seem to have a pair. */
const pairBits = 4_096

const ascii = /^[\u0000-\u007f]*$/
const ideographs = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu
const foldings: Readonly<Record<string, string>> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" }

/** The words of a text in their order, folded; what stands between them does not count. Chinese and Japanese signs are a word each. */
export function wordsOf(text: string): string[] {
  return split(fold(text))
}

function fold(text: string): string {
  const lower = text.toLowerCase()
  if (ascii.test(lower)) return lower
  return lower
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .normalize("NFKC")
    .replace(/[ßæœøłđðþı]/g, (letter) => foldings[letter] ?? letter)
    .replace(ideographs, " $& ")
    .toLowerCase()
}

function split(folded: string): string[] {
  return Array.from(folded.match(/[\p{L}\p{N}]+/gu) ?? [], (word) => (word.length > longestWord ? word.slice(0, longestWord).toWellFormed() : word))
}

/** Words with umlauts in their other spelling (`müller` → `mueller`), so that either finds the mail. */
function umlautSpellings(text: string): string[] {
  const words = text.toLowerCase().normalize("NFC").match(/[\p{L}\p{N}]*[äöü][\p{L}\p{N}]*/gu) ?? []
  return words.map((word) => fold(word.replaceAll("ä", "ae").replaceAll("ö", "oe").replaceAll("ü", "ue")).slice(0, longestWord))
}

/** A text as a number of 32 bits (FNV-1a, with the last step of MurmurHash3 so that every bit counts). */
export function numberOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The bits that two neighbouring words set. */
function bitsOf(first: string, second: string): [number, number] {
  const number = numberOf(`${first} ${second}`)
  return [number % pairBits, (number >>> 16) % pairBits]
}

/** The bits that every mail with this phrase has set. */
export function phraseBits(phrase: readonly string[]): number[] {
  return [...new Set(phrase.slice(1).flatMap((word, index) => bitsOf(phrase[index] ?? "", word)))]
}

/** Everything a mail is found by, bounded however long it is. */
export function indexWords(mail: MailTexts): MailWords {
  const words = new Set<string>(mail.attachments ? [attachmentMark] : [])
  const pairs = new Uint8Array(pairBits / 8)
  const take = (given: string, limit: number, mark: string | undefined) => {
    const text = given.slice(0, limit)
    const folded = split(fold(text))
    for (const word of [...folded, ...umlautSpellings(text)]) {
      if (words.size >= mostWords) break
      words.add(word)
      if (mark !== undefined) words.add(mark + word)
    }
    for (const bit of phraseBits(folded)) pairs[bit >> 3] = (pairs[bit >> 3] ?? 0) | (1 << (bit & 7))
  }
  take(mail.subject, indexedField, fieldMarks.subject)
  take(mail.from, indexedField, fieldMarks.from)
  take(mail.to, indexedField, fieldMarks.to)
  take(mail.text, indexedText, undefined)
  return { words: [...words], pairs }
}

/** Whether words stand in a text one after the other. */
export function hasPhrase(text: string, phrase: readonly string[]): boolean {
  return ` ${wordsOf(text).join(" ")} `.includes(` ${phrase.join(" ")} `)
}
