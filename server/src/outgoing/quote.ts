import { randomUUID } from "node:crypto"
import type { Language } from "@lifeboat/shared/schemas/session"
import type { Written } from "./addresses.ts"
import type { Enclosure } from "./compose.ts"
import { escapeHtml, quotedText, textHtml } from "./html-text.ts"
import { outgoingHtml } from "./outgoing-html.ts"

/** The mail that is answered or forwarded, wherever it lies. `html` is as it came; empty for plain text. */
export interface QuotedMail {
  readonly from: readonly Written[]
  readonly to: readonly Written[]
  readonly cc: readonly Written[]
  readonly date: Date | undefined
  readonly subject: string
  readonly html: string
  readonly text: string
  /** The picture that stands behind a `src` of the HTML, if it lies in the mail. */
  readonly picture: (src: string) => { readonly key: string; readonly name: string; readonly contentType: string } | undefined
}

export interface QuoteOptions {
  readonly action: "reply" | "replyAll" | "forward"
  readonly language: Language
  /** IANA time zone; UTC where it is none. */
  readonly zone: string | undefined
}

/** The original below. `pictures`: keys of those it shows, with the names it shows them by. */
export interface Quote {
  readonly html: string
  readonly text: string
  readonly pictures: readonly (Omit<Enclosure, "content" | "cid"> & { readonly key: string; readonly cid: string })[]
}

const texts = {
  de: { wrote: (date: string, name: string) => (date === "" ? `${name} schrieb:` : `Am ${date} schrieb ${name}:`), forwarded: "Weitergeleitete Nachricht", subject: "Betreff", date: "Datum", from: "Von", to: "An", cc: "Kopie" },
  en: { wrote: (date: string, name: string) => (date === "" ? `${name} wrote:` : `On ${date}, ${name} wrote:`), forwarded: "Forwarded message", subject: "Subject", date: "Date", from: "From", to: "To", cc: "Cc" },
} as const

const lineStyle = "margin: 0 0 0 0.8ex; border-left: 2px solid #b8b8b8; padding-left: 1ex"
const plainStyle = "margin: 0; border: 0; padding: 0"

/**
 * Puts the original below as one block: who wrote it and when, then the mail as it was, but for what cleaning takes out.
 * The text alternative has it behind `>`, or as it is where it is forwarded.
 */
export function quoteMail(mail: QuotedMail, { action, language, zone }: QuoteOptions, random: () => string = randomUUID): Quote {
  const words = texts[language]
  const date = mail.date ? dateText(mail.date, language, zone) : ""
  const pictures = new Map<string, Quote["pictures"][number]>()
  const body = mail.html === ""
    ? textHtml(mail.text)
    : outgoingHtml(mail.html, (src) => {
        const found = mail.picture(src)
        if (!found) return /^(?:cid|attachment):/i.test(src) ? null : undefined
        const known = pictures.get(found.key) ?? { ...found, cid: `quoted-${pictures.size + 1}.${random()}@lifeboat` }
        pictures.set(found.key, known)
        return `cid:${known.cid}`
      })
  const written = (people: readonly Written[]) => people.map(({ name, address }) => (name === "" || name === address ? address : `${name} <${address}>`)).join(", ")
  if (action !== "forward") {
    const line = words.wrote(date, mail.from[0]?.name || mail.from[0]?.address || "?")
    return { html: block(`<div>${escapeHtml(line)}</div>`, body, lineStyle), text: `${line}\n${quotedText(mail.text)}`, pictures: [...pictures.values()] }
  }
  const head = [
    [words.from, written(mail.from)], [words.date, date], [words.subject, mail.subject], [words.to, written(mail.to)], ...(mail.cc.length > 0 ? [[words.cc, written(mail.cc)]] : []),
  ].map(([name, value]) => `${name}: ${value}`)
  const title = `---------- ${words.forwarded} ----------`
  return {
    html: block(`<div>${[title, ...head].map(escapeHtml).join("<br>")}</div><br>`, body, plainStyle),
    text: `${[title, ...head].join("\n")}\n\n${mail.text.replaceAll("\r\n", "\n").trimEnd()}`,
    pictures: [...pictures.values()],
  }
}

function block(head: string, body: string, style: string): string {
  return `<br><div>${head}<blockquote type="cite" style="${style}">${body}</blockquote></div>`
}

function dateText(date: Date, language: Language, zone: string | undefined): string {
  const format = (timeZone: string) => new Intl.DateTimeFormat(language === "de" ? "de-DE" : "en-GB", { dateStyle: "long", timeStyle: "short", timeZone }).format(date)
  try {
    return zone === undefined ? `${format("UTC")} UTC` : format(zone)
  } catch {
    return `${format("UTC")} UTC`
  }
}
