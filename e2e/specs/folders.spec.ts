import { plainLetter } from "../messages/plain.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { anna } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeEach(({ company }) => company.calm())
test.afterEach(({ company }) => company.calm())

test("make a folder, move a mail into it, delete it: the mail is delivered all the same", async ({ page, signedIn, company }) => {
  const subject = "Wandert in einen Ordner"
  await company.force("emergency")
  await company.send(plainLetter(anna, subject))
  await signedIn(anna)
  const webmail = new WebmailPage(page)
  await webmail.open()
  await page.getByRole("button", { name: "Neuer Ordner" }).click()
  await page.getByLabel("Name des Ordners").fill("Projekt Hafen")
  await page.getByRole("button", { name: "Anlegen" }).click()
  const folder = webmail.folders.getByRole("link", { name: "Projekt Hafen" })
  await expect(folder).toBeVisible()
  await webmail.read(subject)
  await webmail.moveTo("Projekt Hafen")
  await webmail.openFolder("Projekt Hafen")
  await expect(webmail.mail(subject)).toBeVisible()

  await folder.hover()
  await webmail.folders.getByRole("button", { name: "Ordner „Projekt Hafen“ löschen" }).click()
  const question = page.getByRole("alertdialog", { name: "Ordner „Projekt Hafen“ löschen" })
  await expect(question).toContainText("wird sie trotzdem zugestellt")
  await question.getByRole("button", { name: "Ordner löschen" }).click()
  await expect(folder).toHaveCount(0)
  await expect(page.getByRole("heading", { level: 1, name: "Posteingang" })).toBeVisible()

  await company.force(null)
  await expect.poll(async () => (await company.atPrimary(anna)).filter((mail) => mail.subject === subject).length, { timeout: 30_000 }).toBe(1)
})

test("an answer that was kept as a draft still marks what it answers", async ({ page, signedIn, company }) => {
  const subject = "Antwort mit Pause"
  await company.force("emergency")
  await company.send(plainLetter(anna, subject))
  await signedIn(anna)
  const webmail = new WebmailPage(page)
  await webmail.open()
  await webmail.read(subject)
  await webmail.actions.getByRole("button", { name: "Antworten", exact: true }).click()
  await webmail.composer.getByLabel("Text der E-Mail").fill("halb")
  await webmail.composer.getByRole("button", { name: "Entwurf speichern", exact: true }).click()
  await expect(page.getByText("Als Entwurf gespeichert.")).toBeVisible()
  await webmail.openFolder("Entwürfe")
  await webmail.mail(`Re: ${subject}`).click()
  await page.getByRole("button", { name: "Weiterschreiben" }).click()
  await webmail.composer.getByLabel("Text der E-Mail").fill("ganz")
  await webmail.composer.getByRole("button", { name: "Senden" }).click()
  await expect(page.getByText("Gesendet.")).toBeVisible()
  await webmail.openFolder("Posteingang")
  await expect(webmail.mail(subject).getByRole("img", { name: "beantwortet" })).toBeVisible()
})
