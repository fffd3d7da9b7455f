import { expect, it } from "vitest"
import { RecentReadings, type OpenedMail } from "./recent-readings.ts"

const opened = (text: string) => Promise.resolve({ mail: {}, read: { text, html: undefined } } as unknown as OpenedMail)

it("answers what is being read, and what was for half a minute", async () => {
  const recent = new RecentReadings()
  const first = recent.keep("a/1", opened("x"), 0)
  expect(recent.find("a/1", 1)).toBe(first)
  await first
  expect([recent.find("a/1", 29_999), recent.find("a/1", 30_000), recent.find("a/2", 1)]).toEqual([first, undefined, undefined])
})

it("keeps few, and nothing that is large or failed", async () => {
  const recent = new RecentReadings()
  for (let n = 0; n < 50; n++) void recent.keep(`a/${n}`, opened("x"), 0)
  expect([recent.find("a/9", 1), recent.find("a/10", 1)]).toEqual([undefined, recent.find("a/10", 1)])
  expect(recent.find("a/10", 1)).toBeDefined()
  await recent.keep("a/large", opened("x".repeat(600_000)), 1)
  await expect(recent.keep("a/bad", Promise.reject(new Error("gone")), 1)).rejects.toThrow("gone")
  expect([recent.find("a/large", 2), recent.find("a/bad", 2)]).toEqual([undefined, undefined])
})
