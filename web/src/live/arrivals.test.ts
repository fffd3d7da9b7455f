import type { MailRow } from "@lifeboat/shared/schemas/mail"
import { expect, it } from "vitest"
import { arrivals } from "./arrivals.ts"

const row = (id: string, seen = false) => ({ id, seen }) as MailRow

it("finds what is new and unread, and remembers the highest number", () => {
  const { fresh, highest } = arrivals([row("12"), row("11", true), row("10"), row("9")], 9)
  expect([fresh.map(({ id }) => id), highest]).toEqual([["12", "10"], 12])
  expect(arrivals([row("12"), row("10")], highest)).toEqual({ fresh: [], highest: 12 })
  expect(arrivals([], 12)).toEqual({ fresh: [], highest: 12 })
})
