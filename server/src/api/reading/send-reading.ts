import type { FastifyReply } from "fastify"
import { preferredLanguage } from "@lifeboat/shared/preferred-language"
import type { HtmlQuery } from "@lifeboat/shared/schemas/mail"
import type { Language } from "@lifeboat/shared/schemas/session"
import type { UserDocument } from "../../store/documents.ts"
import { sendMailPage, type PrintHead } from "./mail-page.ts"
import { isLong, type HtmlSource, type Reading } from "./reading.ts"

/** Seconds that a browser keeps a mail's page: it never changes, and what it shows depends on its address alone. */
const keepSeconds = 3_600

/** A mail to be answered as a page. */
export interface PageOrder {
  readonly query: HtmlQuery
  /** Undefined: plain text. */
  readonly source: HtmlSource | undefined
  readonly text: string
  /** Whether pictures are shown where the query does not say. */
  trusted(): Promise<boolean>
  head(): PrintHead
  readonly language: Language
}

const words: Readonly<Record<Language, { reduced: string; long: string; whole: string }>> = {
  de: {
    reduced: "Diese E-Mail ist zu umfangreich, um sie in ihrer Gestaltung zu zeigen. Hier steht ihr Text; die ganze E-Mail können Sie herunterladen.",
    long: "Diese E-Mail ist sehr lang. Hier steht ihr Anfang.",
    whole: "Ganz in eigenem Fenster zeigen",
  },
  en: {
    reduced: "This mail is too extensive to be shown as it was designed. Here is its text; you can download the whole mail.",
    long: "This mail is very long. Here is its beginning.",
    whole: "Show all of it in a window of its own",
  },
}

/** Answers a mail as a page of its own: its HTML, cleaned, or its plain text, for who asks before knowing which it is. */
export async function sendReading(reply: FastifyReply, reading: Reading, user: UserDocument, { query, source, text, trusted, head, language }: PageOrder): Promise<FastifyReply> {
  const print = query.print === true ? head() : undefined
  if (!source) return sendMailPage(reply, { content: { text }, dark: query.dark === true && !print, print, keep: 0 })
  const pictures = query.pictures ?? (await trusted())
  const whole = query.whole === true || print !== undefined
  const choice = { pictures, dark: query.dark === true && !print, whole }
  let content = await reading.clean(user, source, choice)
  const dark = choice.dark && content.darkReadable
  if (choice.dark && !dark) content = await reading.clean(user, source, { pictures, dark: false, whole })
  const { url } = reply.request
  const long = { text: words[language].long, link: { href: `${url}${url.includes("?") ? "&" : "?"}whole=true`, text: words[language].whole } }
  const note = content.reduced ? { text: words[language].reduced } : isLong(source) && !whole ? long : undefined
  return sendMailPage(reply, { content, dark, print, note, keep: query.pictures === undefined || print ? 0 : keepSeconds })
}

/** The language of what we put around a mail: the person's own, else what their browser asks for. */
export function readingLanguage(user: UserDocument, accepted: string | undefined): Language {
  return user.language ?? preferredLanguage((accepted ?? "").split(","))
}
