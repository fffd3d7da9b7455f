import type { Page } from "@playwright/test"
import { plainLetter } from "../messages/plain.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { expectAccessible } from "../stack/axe.ts"
import { anna, Company, domain, modeTimeout } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeEach(({ company }) => company.calm())
test.afterEach(({ company }) => company.calm())

async function look(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    await expectAccessible(page, `${what}, ${colorScheme}`, colorScheme === "dark")
  }
  expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${what} fits`).toBeLessThanOrEqual(0)
}

test("an outage in the bar: what happens to mail, where it is, how it ends", async ({ page, signedIn, company }) => {
  test.setTimeout(120_000)
  await signedIn(anna)
  const { bar, ...mail } = new WebmailPage(page)
  await page.goto("/mail")
  await expect(bar).toContainText("Ihre E-Mails liegen auf Ihrem normalen Mailserver.")

  await test.step("it begins: since when, and where new and sent mail goes", async () => {
    await company.server({ running: false, failure: "refuse" })
    await company.send(plainLetter(anna, "In der Störung"))
    await expect(bar).toContainText(/Ihr Mailserver antwortet seit .+ nicht\. Sie arbeiten im Notfallpostfach\./, { timeout: modeTimeout })
    await expect(bar).toContainText("1 E-Mail an Sie wartet auf Ihren Mailserver.")
    await expect(bar.getByText("Was Sie jetzt nach außen senden")).toBeHidden()
    await bar.getByRole("button", { name: "Was bedeutet das?" }).click()
    await expect(bar).toContainText("Neue E-Mails an Sie kommen hier sofort an")
    await expect(bar).toContainText("Was Sie jetzt nach außen senden, geht sofort hinaus.")
    await look(page, "bar in an outage")
  })
  await test.step("where the mail is, in plain words, with the technical ones on demand", async () => {
    await bar.getByRole("link", { name: "Wo ist meine E-Mail?" }).click()
    await expect(page.getByRole("heading", { level: 1, name: "Wo ist meine E-Mail?" })).toBeVisible()
    await page.getByRole("listitem").filter({ hasText: "In der Störung" }).getByRole("link").click()
    const story = page.getByRole("region", { name: "Weg der E-Mail" })
    await expect(story).toContainText("Liegt im Notfallpostfach und wird an den Mailserver übergeben, sobald er wieder da ist.")
    await expect(story.getByText("Lifeboat hat die E-Mail angenommen und sicher gespeichert.")).toBeVisible()
    await expect(story.getByText(/^250 2\.0\.0 queued as/)).toBeHidden()
    await story.getByText("Technische Angaben").first().click()
    await expect(story.getByText(/^250 2\.0\.0 queued as/)).toBeVisible()
    await look(page, "a mail's way")
  })
  await test.step("it ends: the way goes on by itself, and the bar says that all is delivered", async () => {
    await company.server({ running: true })
    await expect(page.getByRole("region", { name: "Weg der E-Mail" })).toContainText("Liegt auf Ihrem normalen Mailserver", { timeout: modeTimeout })
    await company.reaches("normal")
    await page.goto("/mail")
    await expect(bar).toContainText("Alles ist zugestellt.")
    await expect(bar).toContainText("1 E-Mail aus der Zeit des Ausfalls ist übergeben.")
    await bar.getByRole("link", { name: "Zugestellte E-Mails ansehen" }).click()
    await expect(page.getByRole("list", { name: "E-Mails im Arbeitsbereich" }).getByRole("listitem")).toContainText(["In der Störung"])
    await page.goBack()
    await bar.getByRole("button", { name: "Verstanden" }).click()
    await expect(bar).not.toContainText("Alles ist zugestellt.")
    await page.reload()
    await expect(mail.list.or(bar).first()).toBeVisible()
    await expect(bar).toContainText("Ihre E-Mails liegen auf Ihrem normalen Mailserver.")
    await expect(bar).not.toContainText("Alles ist zugestellt.")
  })
})

test.describe("in English, on a phone", () => {
  test.use({ locale: "en-GB", viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true })

  test.afterAll(({ stack }) => new Company(stack).as(anna)("PUT", "/api/session", { language: "de" }))

  test("emergency operation by hand, short, with details on demand; and without a standby mailbox", async ({ page, signedIn, company }) => {
    await company.force("emergency")
    await company.as(anna)("PUT", "/api/session", { language: "en" })
    await signedIn(anna)
    const bar = page.getByRole("region", { name: "Mode of operation" })
    await page.goto("/mail")
    await expect(bar).toContainText(/Emergency operation since .+\. You are working in the standby mailbox\. Everything will be delivered when normal operation returns\./)
    expect((await bar.boundingBox())?.height).toBeLessThan(130)
    await bar.getByRole("button", { name: "What does this mean?" }).tap()
    await expect(bar).toContainText("What you send to the outside now goes out at once.")
    await look(page, "bar on a phone")
    await company.api("PUT", `/api/domains/${domain}/continuity`, { coverage: "selected" })
    await page.goto("/archive")
    await expect(bar).toContainText("Your new mail still goes to your mail server.")
  })
})
