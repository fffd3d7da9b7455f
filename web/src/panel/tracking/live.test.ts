import type { MessageSummary } from "@lifeboat/shared/schemas/archive"
import { describe, expect, it } from "vitest"
import { upsert } from "./live.ts"

const message = (id: string, minute: number, change: Partial<MessageSummary> = {}): MessageSummary => ({
  id, subject: `Subject ${id}`, from: "carl@partner.test", to: "anna@example.com", date: `2026-01-01T10:${String(minute).padStart(2, "0")}:00.000Z`, direction: "inbound", size: 1, status: "queued", viaService: false, deliveredAt: null, ...change,
})
const none = { q: "", status: "" } as const
const ids = (items: readonly MessageSummary[]) => items.map((item) => item.id).join("")

describe("the live list", () => {
  const items = [message("c", 30), message("b", 20), message("a", 10)]
  it("puts new mail where its time belongs", () => {
    expect(ids(upsert(items, message("d", 40), none))).toBe("dcba")
    expect(ids(upsert(items, message("x", 25), none))).toBe("cxba")
    expect(ids(upsert([], message("x", 25), none))).toBe("x")
  })
  it("leaves older mail to the next page", () => {
    expect(upsert(items, message("x", 5), none)).toBe(items)
  })
  it("changes what is there in place", () => {
    expect(upsert(items, message("b", 20, { status: "delayed" }), none)[1]?.status).toBe("delayed")
  })
  it("keeps to the filter", () => {
    expect(ids(upsert(items, message("b", 20, { status: "delivered" }), { q: "", status: "queued" }))).toBe("ca")
    expect(upsert(items, message("d", 40), { q: "nobody", status: "" })).toBe(items)
    expect(ids(upsert(items, message("d", 40), { q: "PARTNER", status: "queued" }))).toBe("dcba")
  })
})
