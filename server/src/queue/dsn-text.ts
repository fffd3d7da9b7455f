/** One sentence in both languages. */
export interface Sentence {
  readonly de: string
  readonly en: string
}

const reasons: readonly (readonly [RegExp, Sentence])[] = [
  [/^5\.1\.(2|10)$/, { de: "Es gibt unter dieser Domain keinen Mailserver, der Nachrichten annimmt.", en: "There is no mail server at this domain that accepts messages." }],
  [/^5\.1\./, { de: "Die Adresse gibt es dort nicht.", en: "The address does not exist there." }],
  [/^5\.2\.2$/, { de: "Das Postfach ist voll.", en: "The mailbox is full." }],
  [/^5\.(2\.3|3\.4)$/, { de: "Die Nachricht ist zu groß für den empfangenden Mailserver.", en: "The message is too large for the receiving mail server." }],
  [/^5\.2\./, { de: "Das Postfach nimmt zurzeit keine Nachrichten an.", en: "The mailbox does not accept messages at present." }],
  [/^5\.6\.7$/, { de: "Der empfangende Mailserver kann mit Sonderzeichen in Adressen nicht umgehen.", en: "The receiving mail server cannot handle special characters in addresses." }],
  [/^5\.7\./, { de: "Der empfangende Mailserver hat die Nachricht nach seinen Regeln abgelehnt.", en: "The receiving mail server refused the message by its rules." }],
]
const refused: Sentence = { de: "Der empfangende Mailserver hat die Nachricht abgelehnt.", en: "The receiving mail server refused the message." }
const expired: Sentence = {
  de: "Der empfangende Mailserver war über lange Zeit nicht erreichbar oder hat die Nachricht nicht angenommen. Wir versuchen es nun nicht weiter.",
  en: "The receiving mail server could not be reached or did not take the message for a long time. We have stopped trying.",
}

/** Why a delivery failed, in plain words. `status` as in RFC 3463. */
export function reasonOf(status: string, isExpired: boolean): Sentence {
  return isExpired ? expired : (reasons.find(([form]) => form.test(status))?.[1] ?? refused)
}

/** The readable part of a report. Lines end in LF. */
export function reportText(subject: string, failures: readonly { readonly recipient: string; readonly reason: Sentence; readonly reply: string }[]): string {
  const list = (language: keyof Sentence) => failures.map(({ recipient, reason }) => `  ${recipient}\n  ${reason[language]}\n`).join("\n")
  const name = subject === "" ? { de: "Ihre Nachricht", en: "Your message" } : { de: `Ihre Nachricht „${subject}“`, en: `Your message “${subject}”` }
  const answers = failures.map(({ recipient, reply }) => `  ${recipient}: ${reply}`).join("\n")
  return `(English below)

Guten Tag,

${name.de} konnte nicht zugestellt werden an:

${list("de")}
Bitte prüfen Sie die Adresse, oder versuchen Sie, die Person auf anderem Weg zu erreichen. An andere Empfänger derselben Nachricht wurde sie, soweit hier nicht genannt, zugestellt oder ist auf dem Weg.


Hello,

${name.en} could not be delivered to:

${list("en")}
Please check the address, or try to reach the person in another way. Other recipients of the same message that are not named here have received it or will do so.


Technische Angaben / Technical details:

${answers}
`
}
