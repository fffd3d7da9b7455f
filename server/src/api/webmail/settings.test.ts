import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startTestApi, type TestApi } from "../../../test/support/api.ts"

let api: TestApi
let anna: string
let boris: string
const path = "/api/mail/settings"

beforeAll(async () => {
  api = await startTestApi()
  const operator = await api.signedIn("admin@localhost", "operator")
  await api.call("PUT", "/api/domains/example.com", operator, {})
  anna = await api.signedIn("anna@example.com")
  boris = await api.signedIn("boris@example.com")
})
afterAll(() => api.close())

describe("settings of the webmail", () => {
  it("are as usual until they are changed, and each user's own", async () => {
    await api.database.users.updateOne({ _id: "anna@example.com" }, { $set: { name: "Anna Köhler", aliases: ["info@example.com"] } })
    expect((await api.call("GET", path, anna)).body).toMatchObject({
      conversations: true, readingPane: "right", undoSeconds: 10, writeAs: "rich", signatures: [], trustedSenders: [],
      identities: [{ name: "Anna Köhler", address: "anna@example.com" }, { name: "Anna Köhler", address: "info@example.com" }],
      limits: { attachments: expect.any(Number), recipients: 1000 },
    })
    expect((await api.call("PUT", path, anna, { readingPane: "off", undoSeconds: 0 })).body).toMatchObject({ readingPane: "off", undoSeconds: 0, conversations: true })
    expect((await api.call("PUT", path, anna, { conversations: false })).body).toMatchObject({ readingPane: "off", conversations: false })
    expect((await api.call("PUT", path, anna, {})).body).toMatchObject({ readingPane: "off" })
    expect((await api.call("GET", path, boris)).body).toMatchObject({ readingPane: "right", conversations: true })
    // The page's first look needs no further call.
    expect((await api.call("GET", "/api/session", anna)).body["webmail"]).toEqual({ readingPane: "off", conversations: false })
  })

  it("keep signatures without what could run", async () => {
    const signatures = [{ id: "a", name: "Büro\r\n", html: '<p style="color: red" onclick="x()">Anna</p><script>alert(1)</script><img src="data:image/png;base64,iVBORw0KGgo="><img src="data:image/svg+xml;base64,PHN2Zz4=">' }]
    const { body } = await api.call("PUT", path, anna, { signatures, signatureNew: "a", trustedSenders: ["News@Shop.example", "news@shop.example"] })
    expect(body).toMatchObject({ signatures: [{ id: "a", name: "Büro", html: '<p style="color: red">Anna</p><img src="data:image/png;base64,iVBORw0KGgo=" />' }], signatureNew: "a", trustedSenders: ["news@shop.example"] })
  })

  it.each([
    [{ undoSeconds: 61 }, "invalid"], [{ readingPane: "left" }, "invalid"], [{ identities: [] }, "invalid"], [{ signatures: [{ id: "a", name: "", html: "" }] }, "invalid"],
    [{ signatures: [{ id: "a", name: "A", html: "" }, { id: "a", name: "B", html: "" }] }, "invalid"], [{ trustedSenders: ["nobody"] }, "invalid-address"], [{ "settings.x": 1 }, "invalid"], [{ $set: {} }, "invalid"],
  ])("refuse %j", async (change, code) => {
    const answer = await api.call("PUT", path, anna, change)
    expect([answer.status, answer.body["code"]]).toEqual([400, code])
  })

  it("go with their user", async () => {
    await api.call("PUT", path, boris, { conversations: false })
    const user = await api.deps.users.get("example.com", "boris@example.com")
    await api.deps.users.remove(user)
    expect(await api.database.mailSettings.findOne({ _id: "boris@example.com" })).toBeNull()
  })
})
