import { expect, it } from "vitest"
import type { MailRow } from "@lifeboat/shared/schemas/mail"
import { viewOfRow } from "./view-of-row.ts"

const row: MailRow = {
  id: "7", folder: "5f", subject: "Angebot", from: "Maria <maria@x.example>", to: "", sender: { name: "Maria", address: "maria@x.example" }, date: "2026-11-30T08:00:00.000Z",
  seen: false, flagged: true, answered: false, draft: false, attachments: true, size: 12, intro: "Hallo", thread: "t", count: 1, unreadCount: 1, messageId: "m",
}

it.each([
  ["", []],
  ["anna@x.example", [{ name: "", address: "anna@x.example" }]],
  ["Anna <anna@x.example>, ben@x.example, Berg, Cara <cara@x.example>", [{ name: "Anna", address: "anna@x.example" }, { name: "", address: "ben@x.example" }, { name: "Berg, Cara", address: "cara@x.example" }]],
  ["undisclosed-recipients:", [{ name: "", address: "undisclosed-recipients:" }]],
])("recipients of the row %s", (to, expected) => expect(viewOfRow({ ...row, to }).recipients.to).toEqual(expected))

it("claims nothing of what only the mail itself can tell", () => {
  expect(viewOfRow(row)).toMatchObject({ ...row, html: false, text: "", attachmentList: [], authentication: null, warnings: [], senderTrusted: false })
})
