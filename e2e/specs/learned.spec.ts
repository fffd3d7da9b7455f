import type { Trail } from "@lifeboat/shared/schemas/archive"
import type { LearnedRecipient } from "@lifeboat/shared/schemas/domain"
import { plainLetter } from "../messages/plain.ts"
import { administrator, domain } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

const unlisted = "info@example.com"

test.beforeEach(({ company }) => company.calm())
test.afterEach(async ({ company }) => {
  await company.calm()
  await company.api("DELETE", `/api/domains/${domain}/users/${unlisted}`).catch(() => undefined)
})

test("an address that the mail server knows gets a mailbox by one click", async ({ page, signedIn, company }) => {
  await company.send(plainLetter(unlisted, "An die Zentrale"))
  const learned = async () => (await company.api<{ items: LearnedRecipient[] }>("GET", `/api/domains/${domain}/learned`)).items.map((item) => item.address)
  await expect.poll(learned).toContain(unlisted)
  await signedIn(administrator)
  await page.goto(`/panel/${domain}/learned`)
  const row = page.getByRole("row").filter({ hasText: unlisted })
  await row.getByRole("button", { name: "Postfach anlegen" }).click()
  await expect(page.getByText(`${unlisted} ist als Benutzer angelegt und braucht noch ein Passwort.`)).toBeVisible()
  await expect(row).toHaveCount(0)
  expect(await learned()).not.toContain(unlisted)
  await page.getByRole("button", { name: "Passwort setzen" }).click()
  await expect(page.getByRole("row").filter({ hasText: unlisted })).toContainText("kein Passwort")

  await company.force("emergency")
  const id = await company.send(plainLetter(unlisted, "Im Ausfall"))
  const state = async () => (await company.api<Trail>("GET", `/api/tracking/${id}`)).deliveries.find((delivery) => delivery.target === "mailbox")?.state
  await expect.poll(state).toBe("delivered")
})
