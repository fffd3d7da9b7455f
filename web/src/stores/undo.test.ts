import { expect, it, vi } from "vitest"
import { UndoStack } from "./undo.ts"

const entry = (text: string, undo = vi.fn(() => Promise.resolve())) => ({ text, undo })

it("takes back the latest first, each once", async () => {
  const stack = new UndoStack()
  const [first, second] = [entry("first"), entry("second")]
  stack.push(first)
  stack.push(second)
  expect(await stack.undo()).toBe(true)
  expect([first.undo.mock.calls.length, second.undo.mock.calls.length]).toEqual([0, 1])
  expect(await stack.undo(second)).toBe(false)
  expect(await stack.undo()).toBe(true)
  expect(await stack.undo()).toBe(false)
  expect([first.undo.mock.calls.length, second.undo.mock.calls.length]).toEqual([1, 1])
})

it("what could not be taken back can be tried again, in its place", async () => {
  const stack = new UndoStack()
  const [first, second] = [entry("first"), entry("second", vi.fn(() => Promise.reject(new Error("offline"))))]
  stack.push(first)
  stack.push(second)
  await expect(stack.undo()).rejects.toThrow("offline")
  expect(stack.size).toBe(2)
  second.undo.mockResolvedValueOnce(undefined)
  expect(await stack.undo()).toBe(true)
  expect(first.undo).not.toHaveBeenCalled()
})

it("forgets the oldest of many", () => {
  const stack = new UndoStack()
  for (let n = 0; n < 40; n++) stack.push(entry(String(n)))
  expect(stack.size).toBe(30)
})
