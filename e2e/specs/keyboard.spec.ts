import { htmlLetter } from "../messages/html.ts"
import { LetterWindow } from "../pages/letter-window.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { ben, Company } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.force("emergency")
})
test.afterAll(({ stack }) => new Company(stack).calm())

test("read, answer, send, delete, undo: without a mouse, also out of the mail's frame", async ({ page, signedIn, company }) => {
  await company.send(htmlLetter(ben, "Nur mit Tasten"))
  await signedIn(ben)
  const mail = new WebmailPage(page)
  await mail.open()
  const row = mail.mail("Nur mit Tasten").first()
  await expect(row).toBeVisible()

  await test.step("read", async () => {
    await page.keyboard.press("j")
    await expect(mail.reader.getByRole("heading", { level: 2, name: "Nur mit Tasten" })).toBeVisible()
    await expect(mail.frame.contentFrame().locator("body")).toContainText(/\w/)
  })
  await test.step("answer and send", async () => {
    await mail.frame.focus()
    await page.keyboard.press("r")
    const letter = new LetterWindow(page)
    await expect(letter.text).toBeFocused()
    await page.keyboard.type("Antwort ohne Maus")
    await page.keyboard.press("Control+Enter")
    await expect(letter.root).toHaveCount(0)
    await expect.poll(() => company.subjects(ben, "sent"), { timeout: 30_000 }).toContain("Re: Nur mit Tasten")
  })
  await test.step("delete, undo", async () => {
    await page.locator("body").press("#")
    await expect(mail.mail("Nur mit Tasten")).toHaveCount(0)
    await page.keyboard.press("Control+z")
    await expect(row).toBeVisible()
  })
  await test.step("what goes hands the focus on", async () => {
    await mail.box("Nur mit Tasten").first().click()
    await mail.selection.getByRole("button", { name: "Auswahl aufheben" }).press("Enter")
    await expect(mail.list).toBeFocused()
    await row.click()
    await mail.reader.getByRole("button", { name: /E-Mails? löschen$/ }).first().press("Enter")
    await expect(row).toHaveCount(0)
    await expect(mail.list).toBeFocused()
    await page.getByRole("region", { name: "Hinweise" }).getByRole("button", { name: "Rückgängig" }).last().press("Enter")
    await expect(row).toBeVisible()
    await expect(mail.list).toBeFocused()
  })
  await test.step("jump to a folder and back; typing never triggers anything", async () => {
    await page.keyboard.press("g")
    await page.keyboard.press("t")
    await expect(page.getByRole("heading", { level: 1, name: "Gesendet" })).toBeVisible()
    await page.keyboard.press("g")
    await page.keyboard.press("i")
    await expect(page.getByRole("heading", { level: 1, name: "Posteingang" })).toBeVisible()
    await page.keyboard.press("/")
    await page.keyboard.type("#e?")
    await expect(mail.search).toHaveValue("#e?")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(row).toBeVisible()
  })
  await test.step("the overview; switched off, single characters do nothing", async () => {
    await page.locator("body").press("?")
    const overview = page.getByRole("dialog", { name: "Tastenkürzel" })
    await expect(overview.getByText("Allen antworten")).toBeVisible()
    await overview.getByRole("switch", { name: "Tastenkürzel aus einzelnen Zeichen" }).click()
    await page.keyboard.press("Escape")
    await expect(overview).toHaveCount(0)
    await page.locator("body").press("?")
    await page.locator("body").press("c")
    await expect(page.getByRole("dialog")).toHaveCount(0)
    await company.as(ben)("PUT", "/api/mail/settings", { shortcuts: true })
  })
})
