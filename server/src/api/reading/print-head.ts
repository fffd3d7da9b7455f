import type { Mailbox } from "@lifeboat/shared/schemas/mail"
import type { Language } from "@lifeboat/shared/schemas/session"
import type { PrintHead } from "./mail-page.ts"

/** What of a mail stands above it on paper; `files`: names of what is attached. */
export interface PrintedMail {
  readonly subject: string
  readonly sender: Mailbox
  readonly date: string
  readonly recipients: { readonly to: readonly Mailbox[]; readonly cc: readonly Mailbox[] }
  readonly files: readonly string[]
}

const words: Readonly<Record<Language, { from: string; date: string; to: string; cc: string; files: string; nothing: string }>> = {
  de: { from: "Von", date: "Datum", to: "An", cc: "Cc", files: "Anhänge", nothing: "(kein Betreff)" },
  en: { from: "From", date: "Date", to: "To", cc: "Cc", files: "Attachments", nothing: "(no subject)" },
}

/** The head of a printed mail. `zone`: IANA name of the time zone; unknown ones count as UTC. */
export function printHead({ subject, sender, date, recipients, files }: PrintedMail, language: Language, zone: string | undefined): PrintHead {
  const word = words[language]
  const lines: [string, string][] = [
    [word.from, written(sender)],
    [word.date, timeIn(new Date(date), language, zone)],
    [word.to, recipients.to.map(written).join(", ")],
    [word.cc, recipients.cc.map(written).join(", ")],
    [word.files, files.join(", ")],
  ]
  return { subject: subject || word.nothing, lines: lines.filter(([, value]) => value !== "") }
}

function written({ name, address }: Mailbox): string {
  return name === "" ? address : `${name} <${address}>`
}

function timeIn(time: Date, language: Language, zone: string | undefined): string {
  const style = { dateStyle: "full", timeStyle: "short" } as const
  try {
    return new Intl.DateTimeFormat(language, { ...style, timeZone: zone ?? "UTC" }).format(time)
  } catch {
    return new Intl.DateTimeFormat(language, { ...style, timeZone: "UTC" }).format(time)
  }
}
