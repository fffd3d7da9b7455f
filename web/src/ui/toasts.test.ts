import { beforeEach, expect, it } from "vitest"
import { ApiError } from "../api/client.ts"
import { say, sayError, toasts } from "./toasts.ts"

beforeEach(() => void toasts.splice(0))

it("says the same failure once, the newest at the end", () => {
  sayError(new ApiError("offline", "No answer.", 0))
  sayError(new ApiError("mailbox-full", "Full.", 409))
  sayError(new ApiError("offline", "No answer.", 0))
  expect(toasts.map(({ id }) => id)).toEqual([2, 3])
  expect(new Set(toasts.map(({ text }) => text)).size).toBe(2)
})

it("what was done twice is said twice, each with its own way back; three notices at most", () => {
  for (let n = 0; n < 5; n++) say("Deleted", { label: "Undo", run: () => undefined })
  expect(toasts.length).toBe(3)
})
