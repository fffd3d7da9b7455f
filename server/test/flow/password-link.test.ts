import { simpleParser } from "mailparser"
import { afterEach, expect, test } from "vitest"
import { Company, plainContent } from "../support/company.ts"
import { Person } from "../support/person.ts"

let company: Company | undefined
afterEach(() => company?.stop())

test("a link for a new password comes by mail and works everywhere", async () => {
  company = await Company.start({ timing: 20, users: ["anna"], env: { LIFEBOAT_URL: "https://lifeboat.example.com/" } })
  const { installation, primary } = company
  const anna = company.person("anna")
  await anna.folders()
  const call = (path: string, body: unknown) =>
    fetch(`http://127.0.0.1:${installation.ports.http}/api/session/${path}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) })
  expect((await call("password-request", { address: anna.address })).status).toBe(204)
  await primary.waitFor(1)
  const [mail] = primary.mailbox(anna.address)
  const parsed = await simpleParser(mail?.raw ?? Buffer.alloc(0))
  expect(parsed.from?.value[0]?.address).toBe("postmaster@example.com")
  const token = /https:\/\/lifeboat\.example\.com\/new-password#([\w-]+)/.exec(parsed.text ?? "")?.[1]
  expect((await call("password-reset", { token, password: "a password of my own" })).status).toBe(204)
  await expect(anna.folders()).rejects.toThrow("401")

  const again = new Person(installation, anna.address, "a password of my own")
  expect((await again.folders()).length).toBeGreaterThan(0)
  await again.inImap(() => Promise.resolve())
  expect((await again.submit([anna.address], plainContent({ subject: "by SMTP", from: anna.address, to: [anna.address] }))).code).toBe(250)
  expect((await call("password-reset", { token, password: "somebody else's" })).status).toBe(410)
})
