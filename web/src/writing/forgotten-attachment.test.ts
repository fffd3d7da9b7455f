import { expect, it } from "vitest"
import { promisedAttachment } from "./forgotten-attachment.ts"

it.each([
  ["Im Anhang finden Sie das Angebot.", "Anhang"],
  ["Anbei die Rechnung", "Anbei"],
  ["Ich habe den Plan angehängt.", "angehängt"],
  ["die beigefügten Unterlagen", "beigefügten"],
  ["siehe Anlage", "Anlage"],
  ["die Anhänge", "Anhänge"],
  ["Please find attached our offer.", "attached"],
  ["see the attachments", "attachments"],
  ["Enclosed you find", "Enclosed"],
  ["I am attaching it", "attaching"],
])("%s promises by %s", (text, word) => expect(promisedAttachment("", text)).toBe(word))

it.each([
  ["Das hängt davon ab.", ""],
  ["Wir bauen Kläranlagen.", ""],
  ["Die Mail kam ohne Anhang an.", ""],
  ["There was no attachment.", ""],
  ["unattached", ""],
  ["Danke!\n> im Anhang das Angebot", ""],
  ["Danke!\n-- \nAnlagenbau, Anlage 3", ""],
  ["Danke", "Re: Angebot im Anhang"],
])("%j promises nothing", (text, subject) => expect(promisedAttachment(subject, text)).toBeUndefined())

it("reads the subject of a new mail", () => expect(promisedAttachment("Angebot anbei", "")).toBe("anbei"))
