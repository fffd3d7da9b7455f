import { plainLetter } from "../messages/plain.ts"
import { anna } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeEach(({ company }) => company.calm())

const subject = "Noch einmal bitte"

test("find a mail of the last 90 days and have it delivered again, twice", async ({ page, signedIn, company }) => {
  const arrived = async () => (await company.atPrimary(anna)).filter((each) => each.subject === subject).length
  await company.send(plainLetter(anna, subject, "Ein Text mit dem Wort Klabautermann."))
  await expect.poll(arrived).toBe(1)
  await signedIn(anna)
  await page.goto("/mail")
  await page.getByRole("link", { name: "Archiv öffnen" }).click()
  await expect(page.getByRole("heading", { name: "Arbeitsbereich" })).toBeVisible()
  await page.getByRole("searchbox", { name: "Suchen" }).fill(subject)
  const found = page.getByRole("listitem").filter({ hasText: subject })
  await expect(found).toHaveCount(1)
  await found.getByRole("link").click()
  const reading = page.getByRole("region", { name: "Lesebereich" })
  await expect(reading.getByText("Ein Text mit dem Wort Klabautermann.")).toBeVisible()
  for (const times of [2, 3]) {
    await reading.getByRole("button", { name: "Erneut zustellen" }).click()
    await expect(page.getByText("Die E-Mail wird erneut zugestellt.").first()).toBeVisible()
    await expect.poll(arrived).toBe(times)
  }
  const download = page.waitForEvent("download")
  await reading.getByRole("link", { name: "Als .eml herunterladen" }).click()
  expect((await download).suggestedFilename()).toMatch(/\.eml$/)
})

test("nobody opens somebody else's mail by its address", async ({ page, signedIn, company }) => {
  const id = await company.send(plainLetter("ben@example.com", "Nur für Ben"))
  await signedIn(anna)
  await page.goto(`/archive/${id}`)
  await expect(page.getByRole("alert")).toContainText("Das gibt es nicht (mehr).")
  await expect(page.getByText("Nur für Ben")).toHaveCount(0)
})
