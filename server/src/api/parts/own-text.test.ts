import { expect, it } from "vitest"
import { partInMemory } from "./mail-part.ts"
import { ownText } from "./own-text.ts"

const part = (name: string, contentType: string, text: string) => partInMemory({ id: "0", name, contentType }, Buffer.from(text))

it.each([
  ["Markdown", part("attachment-1.md", "text/markdown", "# Grüße"), "# Grüße"],
  ["RTF", part("c2c2ba37.bin", "text/rtf", "{\\rtf1\\ansi Hello \\b RTF\\b0}"), "Hello RTF"],
  ["enriched text", part("attachment-1.bin", "text/enriched", "<bold>Bold</bold> <color><param>red</param>red</color> <<\n1\n\nnext"), "Bold red < 1\nnext"],
  ["a file with a name", part("report.csv", "text/csv", "1;2"), ""],
  ["a calendar", part("attachment-1.ics", "text/calendar", "BEGIN:VCALENDAR"), ""],
  ["a picture", part("attachment-1.png", "image/png", "x"), ""],
])("a mail that is nothing but %s", async (_story, only, text) => expect(await ownText([only])).toBe(text))
