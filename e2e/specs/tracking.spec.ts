import { plainLetter } from "../messages/plain.ts"
import { administrator, anna, ben, domain } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeEach(({ company }) => company.calm())

test("a mail appears by itself, its status changes by itself, and its trail tells every step", async ({ page, signedIn, company }) => {
  await signedIn(administrator)
  await page.goto(`/panel/${domain}/tracking`)
  const row = (subject: string) => page.getByRole("row").filter({ has: page.getByRole("link", { name: subject, exact: true }) })
  await expect(page.getByRole("row").nth(1)).toBeVisible()

  await company.send(plainLetter(anna, "Live verfolgt"))
  await expect(row("Live verfolgt")).toContainText("Zugestellt")
  await expect(page.getByRole("row").nth(1)).toContainText("Live verfolgt")

  await row("Live verfolgt").getByRole("link").click()
  const trail = page.getByRole("region", { name: "Weg der E-Mail" })
  await expect(trail.getByRole("heading", { name: "Live verfolgt" })).toBeVisible()
  await expect(trail).toContainText("maria@nordlicht.example → anna@example.com")
  await expect(trail).toContainText("Angenommen")
  await expect(trail.getByText("Zugestellt").first()).toBeVisible()
  await expect(trail.locator("code").first()).toContainText(/^250 /)
})

test("search and status filter", async ({ page, signedIn, company }) => {
  await company.send(plainLetter(anna, "Suchwort Nebelhorn"))
  await company.send(plainLetter(ben, "Etwas anderes"))
  await signedIn(administrator)
  await page.goto(`/panel/${domain}/tracking`)
  await page.getByRole("searchbox").fill("nebelhorn")
  await expect(page.getByRole("row")).toHaveCount(2)
  await expect(page.getByRole("row").nth(1)).toContainText("Suchwort Nebelhorn")
  await page.getByRole("combobox", { name: "Status" }).selectOption({ label: "Fehlgeschlagen" })
  await expect(page.getByText("Nichts gefunden")).toBeVisible()
  await page.getByRole("combobox", { name: "Status" }).selectOption({ label: "Zugestellt" })
  await expect(page.getByRole("row").nth(1)).toContainText("Suchwort Nebelhorn")
})
