import { plainLetter } from "../messages/plain.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { administrator, anna, Company, domain } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.force("emergency")
})

test.afterAll(({ stack }) => new Company(stack).calm())

test("read, answer, delete and file a mail on a phone", async ({ page, signedIn, company }) => {
  await company.send(plainLetter(anna, "Unterwegs gelesen"))
  await company.send(plainLetter(anna, "Unterwegs gelöscht"))
  await signedIn(anna)
  const mail = new WebmailPage(page)
  const panel = new ControlPanel(page)
  await mail.open()
  await expect(mail.bar).toContainText("Sie arbeiten im Notfallpostfach.")
  expect((await mail.bar.boundingBox())?.height, "the bar, closed").toBeLessThan(76)
  await mail.bar.getByRole("button", { name: "Was bedeutet das?" }).tap()
  expect((await mail.bar.getByText("Alles wird zugestellt").boundingBox())?.height, "its promise, opened").toBeGreaterThan(12)
  await mail.bar.getByRole("button", { name: "Was bedeutet das?" }).tap()

  await mail.read("Unterwegs gelesen")
  await expect(mail.list).toBeHidden()
  await mail.actions.getByRole("button", { name: "Antworten", exact: true }).tap()
  await mail.composer.getByRole("textbox", { name: "Text der E-Mail" }).fill("Bin gleich da.")
  await mail.composer.getByRole("button", { name: "Senden", exact: true }).tap()
  await expect(panel.notice("Gesendet.")).toBeVisible()

  await mail.moveTo("Spam")
  await expect(panel.notice("Nach „Spam“ verschoben.")).toBeVisible()
  await expect(mail.list).toBeVisible()
  await panel.notice("Nach „Spam“ verschoben.").locator("..").getByRole("button", { name: "Rückgängig" }).tap()
  await expect(mail.mail("Unterwegs gelesen")).toBeVisible()

  await mail.read("Unterwegs gelöscht")
  await mail.actions.getByRole("button", { name: "Löschen" }).tap()
  await expect(mail.list).toBeVisible()
  await expect(mail.mail("Unterwegs gelöscht")).toHaveCount(0)
  await page.getByRole("button", { name: "Ordner anzeigen" }).tap()
  await mail.openFolder("Papierkorb")
  await expect(mail.mail("Unterwegs gelöscht")).toBeVisible()
})

test("swipe to the right reads, to the left deletes, a little does nothing; a long press selects", async ({ page, signedIn, company }) => {
  await company.send(plainLetter(anna, "Gewischt"))
  await signedIn(anna)
  const mail = new WebmailPage(page)
  await mail.open()
  const row = mail.mail("Gewischt")
  await expect(row).toContainText("ungelesen")
  const touch = await page.context().newCDPSession(page)
  const swipe = async (by: number, holdMs = 0) => {
    const box = await row.boundingBox()
    const [x, y] = [(box?.x ?? 0) + 200, (box?.y ?? 0) + 30]
    const at = (dx: number) => ({ touchPoints: [{ x: x + dx, y }] })
    await touch.send("Input.dispatchTouchEvent", { type: "touchStart", ...at(0) })
    if (holdMs > 0) await expect(mail.selection).toBeVisible({ timeout: holdMs })
    for (let step = 1; step <= 6 && by !== 0; step++) await touch.send("Input.dispatchTouchEvent", { type: "touchMove", ...at((by * step) / 6) })
    await touch.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] })
  }
  await swipe(60)
  await expect(row).toContainText("ungelesen")
  await swipe(160)
  await expect(row).not.toContainText("ungelesen")
  await swipe(0, 3_000)
  await expect(page.getByText("Eine ausgewählt").first()).toBeVisible()
  await page.getByRole("button", { name: "Auswahl aufheben" }).tap()
  await swipe(-160)
  await expect(row).toHaveCount(0)
  // At once, as a person would not: a tap that follows a swipe must not be taken for the stop of a scroll.
  await new ControlPanel(page).notice("In den Papierkorb verschoben.").locator("..").getByRole("button", { name: "Rückgängig" }).tap()
  await expect(row).toBeVisible()
})

test("the panel's pages are reached by their menu", async ({ page, signedIn }) => {
  await signedIn(administrator)
  await page.goto(`/panel/${domain}`)
  await page.getByRole("button", { name: "Betriebsmodus" }).tap()
  await page.getByRole("menuitem", { name: "Continuity Service" }).tap()
  await expect(page.getByRole("checkbox", { name: "Alle Benutzer" })).toBeChecked()
  await page.getByRole("link", { name: "Arbeitsbereich" }).tap()
  await expect(page.getByRole("heading", { level: 1, name: "Arbeitsbereich" })).toBeVisible()
})
