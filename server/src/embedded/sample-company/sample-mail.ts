import MailComposer from "nodemailer/lib/mail-composer/index.js"
import { samplePeople } from "./sample-people.ts"

const senders = [
  ["Maria Lindqvist", "maria@nordlicht.example"],
  ["Kundendienst Baumarkt Holz & Stein", "service@holz-und-stein.example"],
  ["Tom Becker", "tom.becker@becker-partner.example"],
  ["Yuki Tanaka", "yuki@tanaka-design.example"],
] as const

const letters = [
  ["Angebot für die neue Halle", "Guten Tag,\n\nanbei unser Angebot wie besprochen. Die Preise gelten bis Ende des Monats.\n\nMit freundlichen Grüßen"],
  ["Meeting on Thursday", "Hello,\n\ncould we move our meeting to Thursday at ten? The room is free then.\n\nKind regards"],
  ["Lieferung verspätet sich um zwei Tage", "Guten Tag,\n\ndie Lieferung 4711 kommt leider erst am Freitag. Bitte geben Sie uns kurz Bescheid, ob das passt.\n\nViele Grüße"],
  ["Draft of the brochure", "Hi,\n\nhere is the draft. The second page still needs your photographs.\n\nBest"],
  ["Rechnung 2026-1138", "Sehr geehrte Damen und Herren,\n\nim Anhang finden Sie unsere Rechnung.\n\nMit freundlichen Grüßen"],
  ["Question about your order", "Hello,\n\nyou ordered twelve, the form says twenty-one. Which one is right?\n\nThank you"],
] as const

/** One sample mail, the `n`th: who writes to whom, and its bytes. The same `n` gives the same letter. */
export async function sampleMail(n: number, now: Date): Promise<{ from: string; to: string; raw: Buffer }> {
  const [name, from] = senders[n % senders.length] ?? senders[0]
  const [subject, text] = letters[n % letters.length] ?? letters[0]
  const recipient = samplePeople[n % samplePeople.length] ?? { address: "anna@example.com", name: "Anna Schneider" }
  const paragraphs = `${text}\n${name}`
  const composer = new MailComposer({
    from: { name, address: from },
    to: { name: recipient.name, address: recipient.address },
    subject,
    date: now,
    text: paragraphs,
    html: paragraphs.split("\n\n").map((part) => `<p>${part.replaceAll("&", "&amp;").replaceAll("\n", "<br>")}</p>`).join(""),
    ...(subject.startsWith("Rechnung") ? { attachments: [{ filename: "Rechnung 2026-1138.txt", content: "Rechnung 2026-1138\nSumme: 1.190,00 EUR\n" }] } : {}),
    newline: "windows",
  })
  return { from, to: recipient.address, raw: await composer.compile().build() }
}
