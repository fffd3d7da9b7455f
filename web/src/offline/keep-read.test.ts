import { afterEach, expect, it, vi } from "vitest"
import { openMail } from "../api/mail.ts"
import { cameFromKept } from "./keep-read.ts"

const url = "/api/mail/folders/5f/messages/7"
const answer = (status: number, body: object) => new Response(JSON.stringify(body), { status })
const asked = (...answers: (Response | Error)[]) => vi.stubGlobal("fetch", vi.fn(() => {
  const next = answers.shift()
  return next instanceof Response ? Promise.resolve(next) : Promise.reject(next ?? new Error("no more answers"))
}))
afterEach(() => vi.unstubAllGlobals())

it("a mail comes from what was kept only where the server does not answer, and then so does its page", async () => {
  asked(new TypeError("offline"), answer(200, { id: "7" }))
  expect(await openMail({ folder: "5f", id: "7" })).toEqual({ id: "7" })
  expect(vi.mocked(fetch).mock.calls.map(([address]) => address)).toEqual([url, `${url}?kept=1`])
  expect(cameFromKept(url)).toBe(true)
  asked(answer(200, { id: "7" }))
  await openMail({ folder: "5f", id: "7" })
  expect(cameFromKept(url)).toBe(false)
})

it("what the server says is gone is not kept any longer", async () => {
  const gone: unknown[] = []
  vi.stubGlobal("caches", { open: () => Promise.resolve({ delete: (address: string) => Promise.resolve(gone.push(address)) }) })
  asked(answer(404, { code: "not-found", message: "" }))
  await expect(openMail({ folder: "5f", id: "7" })).rejects.toMatchObject({ code: "not-found" })
  expect(vi.mocked(fetch)).toHaveBeenCalledTimes(1)
  await vi.waitFor(() => expect(gone).toEqual([url, `${url}/html`]))
})
