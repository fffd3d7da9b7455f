import { readFile } from "node:fs/promises"
import type { Download, Locator, Page } from "@playwright/test"
import { buildSigned } from "../../server/test/support/signed.ts"
import { unzip } from "../../server/test/support/unzip.ts"
import { invitation, letterWith, pdf, winmail } from "../messages/files.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { expectAccessible } from "../stack/axe.ts"
import { anna, ben, Company } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.force("emergency")
})

test.afterAll(({ stack }) => new Company(stack).calm())

const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
const inner = `From: Carla Vogt <carla@nordlicht.example>\nTo: maria@nordlicht.example\nSubject: Die innere Nachricht\nDate: Mon, 01 Jun 2026 10:00:00 +0200\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=inner\n\n--inner\nContent-Type: text/html; charset=utf-8\n\n<p>Aus der <b>inneren</b> Nachricht.</p><script>document.title="owned"</script>\n--inner\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename=notiz.txt\n\nNotiz der inneren Nachricht\n--inner--`

async function content(download: Promise<Download>): Promise<{ name: string; bytes: Buffer }> {
  const file = await download
  return { name: file.suggestedFilename(), bytes: await readFile(await file.path()) }
}

async function look(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    await expectAccessible(page, `${what}, ${colorScheme}`, colorScheme === "dark")
  }
  await page.emulateMedia({ colorScheme: "light" })
}

const files = (mail: WebmailPage): Locator => mail.reader.getByRole("region", { name: "Anhänge" })

test("pictures, text, PDF and attached mails are looked at in place, by keyboard, and saved", async ({ page, signedIn, company }) => {
  await company.send(letterWith(anna, "Viele Dateien", [
    { name: "Foto.png", type: "image/png", content: Buffer.from(png, "base64") },
    { name: "Notiz.txt", type: "text/plain", content: Buffer.from("Grüße aus Köln\n<b>kein HTML</b>", "latin1") },
    { name: "Angebot.pdf", type: "application/pdf", content: pdf(["Erste Seite", "Zweite Seite"]) },
    { name: "Weitergeleitet.eml", type: "message/rfc822", content: inner },
    { name: "Rechnung.pdf.exe", type: "application/pdf", content: "MZ" },
  ]))
  await signedIn(anna)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Viele Dateien")
  await expect(mail.reader.getByText("Im Anhang.")).toBeVisible()
  await expect(mail.reader.getByText("Aus der inneren Nachricht.")).toHaveCount(0)
  const dialog = page.getByRole("dialog")

  await test.step("a picture, larger and smaller", async () => {
    await files(mail).getByRole("button", { name: "Foto.png 70 B ansehen" }).focus()
    await page.keyboard.press("Enter")
    await expect(dialog.getByRole("img", { name: "Foto.png" })).toBeVisible()
    await dialog.getByRole("button", { name: "Vergrößern" }).click()
    await expect(dialog.getByRole("img", { name: "Foto.png" })).toHaveCSS("width", "1px")
    await dialog.getByRole("button", { name: "Vergrößern" }).click()
    await expect(dialog.getByRole("button", { name: "An das Fenster anpassen" })).toHaveAttribute("aria-pressed", "false")
    await look(page, "picture")
  })
  await test.step("on to the text by the arrow key", async () => {
    await page.keyboard.press("ArrowRight")
    await expect(dialog.getByRole("heading", { name: "Notiz.txt" })).toBeVisible()
    await expect(dialog.getByText("Grüße aus Köln")).toContainText("<b>kein HTML</b>")
    await expect(dialog.getByText("Datei 2 von 4")).toBeVisible()
    await look(page, "text")
  })
  await test.step("the pages of a PDF, their text readable", async () => {
    await page.keyboard.press("ArrowRight")
    await expect(dialog.getByText("Erste Seite")).toBeAttached()
    await expect(dialog.getByText("von 2")).toBeVisible()
    await dialog.getByRole("button", { name: "Nächste Seite" }).click()
    await expect(dialog.getByText("Zweite Seite")).toBeAttached()
    await expect(dialog.getByRole("button", { name: "Nächste Seite" })).toBeDisabled()
    expect(await dialog.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height)
      return data.some((value, at) => at % 4 === 0 && value < 100)
    }), "something dark is drawn").toBe(true)
    await look(page, "pdf")
  })
  await test.step("an attached mail, its HTML harmless, its own file", async () => {
    await dialog.getByRole("button", { name: "Nächste Datei" }).click()
    await expect(dialog.getByRole("heading", { name: "Die innere Nachricht" })).toBeVisible()
    await expect(dialog.locator("iframe").contentFrame().getByText("Aus der inneren Nachricht.")).toBeVisible()
    await look(page, "attached mail")
    await dialog.getByRole("button", { name: /^notiz\.txt .*ansehen$/ }).click()
    const second = page.getByRole("dialog", { name: "notiz.txt" })
    await expect(second.getByText("Notiz der inneren Nachricht")).toBeVisible()
    await page.keyboard.press("Escape")
    await expect(second).toHaveCount(0)
    await expect(page.getByRole("dialog", { name: "Weitergeleitet.eml" })).toBeVisible()
    expect(await page.title()).not.toContain("owned")
  })
  await test.step("the focus stays inside and goes back to the file looked at last", async () => {
    for (let n = 0; n < 8; n++) {
      await page.keyboard.press("Tab")
      expect(await page.evaluate(() => document.activeElement?.closest("[role=dialog]") !== null)).toBe(true)
    }
    await page.keyboard.press("Escape")
    await expect(dialog).toHaveCount(0)
    await expect(files(mail).getByRole("button", { name: /^Weitergeleitet\.eml .*ansehen$/ })).toBeFocused()
  })
  await test.step("a program only after a word of caution", async () => {
    await files(mail).getByRole("button", { name: /^Rechnung\.pdf\.exe/ }).click()
    const question = page.getByRole("alertdialog", { name: "„Rechnung.pdf.exe“ herunterladen?" })
    await expect(question).toContainText("Öffnen Sie sie nur, wenn Sie sie erwarten")
    await look(page, "caution")
    const download = page.waitForEvent("download")
    await question.getByRole("button", { name: "Trotzdem herunterladen" }).click()
    expect((await content(download)).bytes.toString()).toBe("MZ")
  })
  await test.step("all of them in one zip", async () => {
    const download = page.waitForEvent("download")
    await files(mail).getByRole("link", { name: "Alle herunterladen (zip)" }).click()
    const { name, bytes } = await content(download)
    expect(name).toBe("Viele Dateien.zip")
    const entries = unzip(bytes)
    expect(entries.map((entry) => entry.name)).toEqual(["Foto.png", "Notiz.txt", "Angebot.pdf", "Weitergeleitet.eml", "Rechnung.pdf.exe"])
    expect(entries[0]?.content.toString("base64")).toBe(png)
  })
})

test("a winmail.dat is the files in it, in the webmail and in the workspace", async ({ page, signedIn, company }) => {
  await company.send(letterWith(anna, "Von Outlook", [{ name: "winmail.dat", type: "application/ms-tnef", content: winmail("Bericht.txt", "Quartalszahlen") }]))
  await signedIn(anna)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Von Outlook")
  const open = async (region: Locator) => {
    await expect(region.getByText("winmail.dat")).toHaveCount(0)
    await region.getByRole("button", { name: "Bericht.txt 14 B ansehen" }).click()
    await expect(page.getByRole("dialog").getByText("Quartalszahlen")).toBeVisible()
    await page.keyboard.press("Escape")
  }
  await open(files(mail))
  await page.goto("/archive")
  await page.getByText("Von Outlook").first().click()
  await open(page.getByRole("region", { name: "Anhänge" }))
})

test("an invitation is accepted, and its organizer hears of it", async ({ page, signedIn, company }) => {
  const uid = `${crypto.randomUUID()}@example.com`
  await company.send(invitation(anna, "Baubesprechung", uid))
  await signedIn(anna)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Baubesprechung")
  const card = mail.reader.getByRole("region", { name: "Termin: Baubesprechung" })
  await expect(card).toContainText("Dienstag, 5. November 2030, 14:00–15:30 Uhr")
  await expect(card).toContainText("Raum Ostsee")
  await expect(card).toContainText("Ben Okafor <ben@example.com>")
  await expect(card).toContainText("Clara (zugesagt)")
  await look(page, "invitation")
  await card.getByLabel("Nachricht an den Organisator (freiwillig)").fill("Bringe die Pläne mit.")
  await card.getByRole("button", { name: "Zusagen" }).click()
  await expect(card.getByText("Sie haben zugesagt.")).toBeVisible()
  await page.reload()
  await expect(card.getByText("Sie haben zugesagt.")).toBeVisible()
  await expect(card.getByRole("button", { name: "Zusagen" })).toHaveCount(0)
  await card.getByRole("button", { name: "Antwort ändern" }).click()
  await expect(card.getByRole("button", { name: "Absagen" })).toBeVisible()

  await expect.poll(() => company.subjects(ben, "inbox"), { timeout: 20_000 }).toContainEqual(expect.stringMatching(/: Baubesprechung$/))
  // A page that is still open would begin anew by itself once it meets another person's session.
  await page.goto("about:blank")
  await page.context().clearCookies()
  await signedIn(ben)
  await mail.open()
  await mail.mail("Baubesprechung").first().click()
  await expect(mail.reader.getByText(/hat zugesagt\.$/)).toBeVisible()
  await expect(mail.reader.getByText("Bringe die Pläne mit.").first()).toBeVisible()

  await company.send(invitation(ben, "Abgesagte Runde", uid, "CANCEL"))
  await mail.read("Abgesagte Runde")
  await expect(mail.reader.getByText("Dieser Termin wurde abgesagt.")).toBeVisible()
  await expect(mail.reader.getByRole("button", { name: "Zusagen" })).toHaveCount(0)
})

test("single dates of a series, proposals and signed mails are shown for what they are", async ({ page, signedIn, company }) => {
  const uid = `${crypto.randomUUID()}@example.com`
  const date = (was: string, ...lines: string[]) => ["END:VEVENT", "BEGIN:VEVENT", `UID:${uid}`, "SUMMARY:Jour fixe", `RECURRENCE-ID;TZID=Europe/Berlin:${was}`, ...lines]
  await company.send(invitation(anna, "Jour fixe", uid, "REQUEST", ["RRULE:FREQ=WEEKLY", ...date("20301112T140000", "DTSTART;TZID=Europe/Berlin:20301113T090000"), ...date("20301119T140000", "DTSTART;TZID=Europe/Berlin:20301119T140000", "STATUS:CANCELLED")]))
  await company.send(invitation(anna, "Lieber später", uid, "COUNTER", ["COMMENT:Dienstag passt mir nicht."]))
  await company.send(letterWith(anna, "Signierter Brief", [{ name: "smime.p7m", type: "application/pkcs7-mime; smime-type=signed-data", content: buildSigned("Content-Type: text/html; charset=utf-8\r\n\r\n<p>Das ist <b>signiert</b>.</p>", "open") }]))
  await signedIn(anna)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Jour fixe")
  const card = mail.reader.getByRole("region", { name: "Termin: Jour fixe" })
  await expect(card).toContainText("wöchentlich")
  await expect(card.getByText("Dienstag, 12. November 2030 um 14:00: verlegt auf Mittwoch, 13. November 2030 um 09:00")).toBeVisible()
  await expect(card.getByText("Dienstag, 19. November 2030 um 14:00: abgesagt")).toBeVisible()
  await look(page, "series")
  await mail.read("Lieber später")
  await expect(mail.reader.getByText("Anna schlägt einen anderen Zeitpunkt vor.")).toBeVisible()
  await expect(mail.reader.getByText("Dienstag passt mir nicht.")).toBeVisible()
  await mail.read("Signierter Brief")
  await expect(mail.reader.getByText("Diese E-Mail ist signiert (S/MIME). Die Signatur wurde hier nicht geprüft.")).toBeVisible()
  await expect(mail.reader.frameLocator("iframe").getByText("signiert")).toBeVisible()
  await look(page, "signed mail")
})

test.describe("in English on a phone", () => {
  test.use({ locale: "en-GB", viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true })

  test("a file fills the screen and is left by its cross", async ({ page, signedIn, company }) => {
    await company.send(letterWith(anna, "On the way", [{ name: "Note.txt", type: "text/plain", content: "Read on a phone" }, { name: "Offer.pdf", type: "application/pdf", content: pdf(["One page"]) }]))
    await signedIn(anna)
    await page.goto("/mail")
    await page.getByText("On the way").first().tap()
    await page.getByRole("region", { name: "Attachments" }).getByRole("button", { name: /^Note\.txt .*view$/ }).tap()
    const dialog = page.getByRole("dialog")
    await expect(dialog.getByText("Read on a phone")).toBeVisible()
    expect(await dialog.boundingBox()).toMatchObject({ x: 0, y: 0, width: 390, height: 844 })
    await dialog.getByRole("button", { name: "Next file" }).tap()
    await expect(dialog.getByText("One page")).toBeAttached()
    await look(page, "pdf on a phone")
    await dialog.getByRole("button", { name: "Close" }).tap()
    await expect(dialog).toHaveCount(0)
  })
})
