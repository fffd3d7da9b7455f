import { plainLetter } from "../messages/plain.ts"
import { htmlLetter } from "../messages/html.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { DemoPage } from "../pages/demo-page.ts"
import { SignInPage } from "../pages/sign-in-page.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { administrator, anna, ben, modeTimeout, password } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.afterEach(({ company }) => company.calm())

const read = "Angebot zum Lesen"
const deleted = "Werbung zum Löschen"
const moved = "Vertrag zum Ablegen"
const answer = `Re: ${read}`

test("the whole outage in the browser: nothing lost, nothing twice", async ({ page, context, browser, company }) => {
  test.setTimeout(180_000)
  await company.calm()
  const mail = new WebmailPage(page)
  const demo = new DemoPage(await context.newPage())

  await test.step("anna signs in; the bar says that her mail is on the normal server", async () => {
    await new SignInPage(page).signIn(anna, password)
    await expect(mail.bar).toContainText("Ihre E-Mails liegen auf Ihrem normalen Mailserver.")
    await expect(mail.list.getByRole("option")).toHaveCount(0)
  })
  await test.step("somebody stops the company's mail server on the demo page", async () => {
    await demo.open()
    await demo.stop()
  })
  await test.step("mail keeps coming: the bar tells the outage and the mail appears by itself", async () => {
    await page.bringToFront()
    for (const letter of [htmlLetter(anna, read), plainLetter(anna, deleted), plainLetter(anna, moved)]) await company.send(letter)
    await expect(mail.bar).toContainText(/Ihr Mailserver antwortet seit .+ nicht\. Sie arbeiten im Notfallpostfach\. Alles wird zugestellt, sobald er wieder da ist\./, { timeout: modeTimeout })
    for (const subject of [read, deleted, moved]) await expect(mail.mail(subject)).toBeVisible({ timeout: 20_000 })
  })
  await test.step("she reads one, in the safe frame", async () => {
    await mail.read(read)
    await expect(mail.frame).toHaveAttribute("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox")
    await expect(mail.frame.contentFrame().getByText("Unser Angebot liegt bei.")).toBeVisible()
  })
  await test.step("she answers it, with an attachment", async () => {
    await mail.actions.getByRole("button", { name: "Antworten", exact: true }).click()
    await expect(mail.composer.getByRole("button", { name: "Empfänger Maria Lindqvist <maria@nordlicht.example> entfernen" })).toBeVisible()
    await expect(mail.composer.getByLabel("Betreff")).toHaveValue(answer)
    const text = mail.composer.getByRole("textbox", { name: "Text der E-Mail" })
    await expect(text).toBeFocused()
    await page.keyboard.insertText("Vielen Dank, wir nehmen es an. Grüße, Anna\n")
    await mail.composer.locator("input[type=file]:not([accept])").setInputFiles({ name: "Auftrag Übersicht.txt", mimeType: "text/plain", buffer: Buffer.from("Auftrag 4711\n") })
    await expect(mail.composer.getByRole("list", { name: "Anhänge" })).toContainText("Auftrag Übersicht.txt")
    await mail.composer.getByRole("button", { name: "Senden" }).click()
    await expect(new ControlPanel(page).notice("Gesendet.")).toBeVisible()
    await expect(mail.composer).toHaveCount(0)
    await expect(mail.mail(read).getByRole("img", { name: "beantwortet" })).toBeVisible()
  })
  await test.step("a colleague's mail reaches her too", async () => {
    await company.as(ben)("POST", "/api/mail/send", { to: [anna], subject: "Intern von Ben", text: "Geht es bei dir auch?" })
    await expect(mail.mail("Intern von Ben")).toBeVisible()
  })
  await test.step("she deletes one", async () => {
    await mail.read(deleted)
    await mail.actions.getByRole("button", { name: "Löschen" }).click()
    await expect(mail.mail(deleted)).toHaveCount(0)
    await mail.openFolder("Papierkorb")
    await expect(mail.mail(deleted)).toBeVisible()
  })
  await test.step("she files one in a folder of her own", async () => {
    await mail.folders.getByRole("button", { name: "Neuer Ordner" }).click()
    const dialog = page.getByRole("dialog", { name: "Neuer Ordner" })
    await dialog.getByLabel("Name des Ordners").fill("Verträge")
    await dialog.getByRole("button", { name: "Anlegen" }).click()
    await mail.openFolder("Posteingang")
    await mail.read(moved)
    await mail.moveTo("Verträge")
    await expect(mail.mail(moved)).toHaveCount(0)
    await mail.openFolder("Verträge")
    await expect(mail.mail(moved)).toBeVisible()
  })
  await test.step("Gesendet holds the answer once", async () => {
    await mail.openFolder("Gesendet")
    await expect(mail.mail(answer)).toHaveCount(1)
    await mail.openFolder("Posteingang")
  })
  await test.step("the mail server is started again; the bar goes back to normal by itself", async () => {
    await demo.page.bringToFront()
    await demo.start()
    await page.bringToFront()
    await expect(mail.bar).toContainText("Ihre E-Mails liegen auf Ihrem normalen Mailserver.", { timeout: modeTimeout })
  })
  await test.step("the standby mailbox is empty", async () => {
    await expect(mail.list.getByRole("option")).toHaveCount(0, { timeout: 20_000 })
    await expect.poll(() => company.subjects(anna, "inbox")).toEqual([])
  })
  await test.step("exactly the right mails lie on the company's server, once each", async () => {
    const arrived = async () => {
      const subjects = (await company.atPrimary(anna)).map((each) => each.subject)
      return [read, moved, "Intern von Ben", deleted].map((subject) => subjects.filter((each) => each === subject).length)
    }
    await expect.poll(arrived, { timeout: 20_000 }).toEqual([1, 1, 1, 0])
    await demo.page.bringToFront()
    await expect((await demo.mailbox(anna)).filter({ hasText: moved })).toHaveCount(1)
    const outside = await company.atPrimary("maria@nordlicht.example")
    expect(outside.filter((each) => each.subject === answer)).toHaveLength(1)
  })
  await test.step("tracking shows Verzögert, and Vom Benutzer gelöscht for what she deleted", async () => {
    const office = await browser.newContext({ ...(await localOptions(page)) })
    const panelPage = await office.newPage()
    await new SignInPage(panelPage).signIn(administrator, password)
    const panel = new ControlPanel(panelPage)
    await panel.open()
    await panel.navigate("Betrieb", "Email Live Tracking")
    const row = (subject: string) => panelPage.getByRole("row").filter({ has: panelPage.getByRole("link", { name: subject, exact: true }) })
    await expect(row(read)).toContainText("Verzögert")
    await expect(row(read)).toContainText(/zugestellt/)
    await expect(row(moved)).toContainText("Verzögert")
    await expect(row(deleted)).toContainText("Vom Benutzer gelöscht")

    await panel.navigate("Betrieb", "Ausfälle")
    await panelPage.getByRole("link", { name: /vermisst/ }).first().click()
    const report = panelPage.getByRole("article")
    await expect(report.getByRole("heading", { level: 1 })).toHaveText("Bericht zum Ausfall")
    await expect(report).toContainText("0 vermisst")
    await expect(report.getByRole("row", { name: /^Vom Benutzer gelöscht/ }).getByRole("cell")).toHaveText("1")
    await expect(report.getByRole("row", { name: /^Noch zurückgehalten/ }).getByRole("cell")).toHaveText("0")
    await office.close()
  })
})

/** The same language and address for a browser of a second person. */
async function localOptions(page: { url(): string }) {
  return { baseURL: new URL(page.url()).origin, locale: "de-DE", timezoneId: "Europe/Berlin", viewport: { width: 1280, height: 800 } }
}
