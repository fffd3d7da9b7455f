import { expect, test } from "vitest"
import { fitting } from "./fitting-answer.ts"
import { StoredRow } from "./wildduck-schemas.ts"

const row = { id: 1, mailbox: "a".repeat(24), seen: false, deleted: false, flagged: false, draft: false, answered: false, forwarded: false, attachments: true, subject: "Grüße" }

test("an answer that fits stays as it is", () => {
  expect(fitting(StoredRow, row)).toEqual(row)
})

test("what a sender made strange is left out, the mail is still listed", () => {
  expect(fitting(StoredRow, { ...row, from: false, size: "big", attachmentsList: [{ id: 7 }] })).toEqual(row)
})

test.each([null, "text", {}, { ...row, id: "one" }])("without what is needed there is no row: %j", (answer) => {
  expect(fitting(StoredRow, answer)).toBeUndefined()
})
