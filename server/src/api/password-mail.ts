import type { Language } from "@lifeboat/shared/schemas/session"
import type { UserDocument } from "../store/documents.ts"
import { composeMail } from "../outgoing/compose.ts"

const subjects: Readonly<Record<Language, string>> = { de: "Neues Passwort setzen", en: "Set a new password" }

const texts: Readonly<Record<Language, (address: string, link: string) => string[]>> = {
  de: (address, link) => [
    `Für ${address} wurde ein neues Passwort angefordert. Über diesen Link setzen Sie es:`,
    "",
    link,
    "",
    "Der Link gilt 30 Minuten und nur einmal. Haben Sie kein neues Passwort angefordert, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.",
  ],
  en: (address, link) => [
    `A new password was requested for ${address}. Set it with this link:`,
    "",
    link,
    "",
    "The link works for 30 minutes, and once. If you did not request a new password, you need not do anything: your password stays as it is.",
  ],
}

/** The mail with the link for a new password, in the user's language, or in both where it is not known. */
export function passwordMail(user: UserDocument, link: string, date: Date): Promise<Buffer> {
  const languages: readonly Language[] = user.language ? [user.language] : ["de", "en"]
  return composeMail({
    from: { name: "Lifeboat", address: `postmaster@${user.domain}` },
    to: [{ name: user.name, address: user._id }],
    cc: [], bcc: [],
    subject: languages.map((language) => subjects[language]).join(" / "),
    text: languages.map((language) => texts[language](user._id, link).join("\n")).join("\n\n—\n\n"),
    html: undefined, enclosures: [], original: undefined, date,
  })
}
