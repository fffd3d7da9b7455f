import type { Locator } from "@playwright/test"
import { plainLetter } from "../messages/plain.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { anna, ben } from "../stack/company.ts"
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

  await webmail.folderAction("Projekt Hafen", "Ordner löschen")
  const question = page.getByRole("alertdialog", { name: "Ordner „Projekt Hafen“ löschen" })
  await expect(question).toContainText("wird sie trotzdem zugestellt")
  await question.getByRole("button", { name: "Ordner löschen" }).click()
  await expect(folder).toHaveCount(0)
  await expect(page.getByRole("heading", { level: 1, name: "Posteingang" })).toBeVisible()

  await company.force(null)
  await expect.poll(async () => (await company.atPrimary(anna)).filter((mail) => mail.subject === subject).length, { timeout: 30_000 }).toBe(1)
})

test("a folder that is deleted elsewhere while it is open is said to be gone", async ({ page, signedIn, company }) => {
  const { id } = await company.as(anna)<{ id: string }>("POST", "/api/mail/folders", { name: "Flüchtig" })
  await signedIn(anna)
  const webmail = new WebmailPage(page)
  await webmail.open()
  await webmail.openFolder("Flüchtig")
  await expect(page.getByRole("heading", { level: 1, name: "Flüchtig" })).toBeVisible()
  await company.as(anna)("DELETE", `/api/mail/folders/${id}`)
  await expect(page.getByText("Diesen Ordner gibt es nicht mehr. Sie sehen jetzt den Posteingang.")).toHaveCount(1)
  await expect(page.getByRole("heading", { level: 1, name: "Posteingang" })).toBeVisible()
})

test("names that mail clients made: long ones break nothing, those that show nothing are said to be none", async ({ page, signedIn }) => {
  const made = ["x".repeat(500), "\u200b\u2060"].map((name, n) => ({ id: String(n).repeat(24), name, path: name, specialUse: null, total: 0, unread: 0 }))
  await page.route("**/api/mail/folders", async (route) => {
    const response = await route.fetch()
    const { items } = (await response.json()) as { items: object[] }
    await route.fulfill({ response, json: { items: [...items, ...made], next: null } })
  })
  await signedIn(anna)
  const webmail = new WebmailPage(page)
  const inside = async (what: string, element: Locator) => {
    await expect(element).toBeVisible()
    expect(await element.evaluate((each) => [each.scrollWidth - each.clientWidth, each.getBoundingClientRect().right - innerWidth].every((beyond) => beyond <= 0)), what).toBe(true)
  }
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 })
    await webmail.open()
    if (width < 500) await page.getByRole("button", { name: "Ordner anzeigen" }).click()
    await expect(page.getByRole("link", { name: "(ohne Namen)" })).toBeVisible()
    const long = page.getByRole("link", { name: /^x{79}…$/ })
    await inside("the list", page.getByRole("navigation", { name: "Ordner" }))
    await long.focus()
    await page.keyboard.press("Delete")
    await inside("the question", page.getByRole("alertdialog"))
    await page.keyboard.press("Escape")
    await page.getByRole("button", { name: /^Aktionen für „x{79}…“$/ }).click()
    await page.getByRole("menuitem", { name: "Unterordner anlegen" }).click()
    await inside("the dialog", page.getByRole("dialog", { name: /^Neuer Ordner in „x{79}…“$/ }))
    await page.keyboard.press("Escape")
  }
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
  await webmail.composer.getByRole("button", { name: "Als Entwurf speichern und schließen" }).click()
  await expect(page.getByText("Als Entwurf gespeichert.")).toBeVisible()
  await webmail.openFolder("Entwürfe")
  await webmail.mail(`Re: ${subject}`).click()
  await page.getByRole("button", { name: "Weiterschreiben" }).click()
  await webmail.composer.getByLabel("Text der E-Mail").fill("ganz")
  await webmail.composer.getByRole("button", { name: "Senden", exact: true }).click()
  await expect(page.getByText("Gesendet.")).toBeVisible()
  await webmail.openFolder("Posteingang")
  await expect(webmail.mail(subject).getByRole("img", { name: "beantwortet" })).toBeVisible()
})

test("folders within folders, another name, mails dragged into them, an emptied trash", async ({ page, signedIn, company }) => {
  await company.force("emergency")
  for (const subject of ["Wird gezogen", "Wird verschoben", "Bleibt liegen"]) await company.send(plainLetter(ben, subject))
  await signedIn(ben)
  const webmail = new WebmailPage(page)
  await webmail.open()
  await test.step("made, made within, renamed", async () => {
    await page.getByRole("button", { name: "Neuer Ordner" }).click()
    await page.getByLabel("Name des Ordners").fill("Werft")
    await page.getByRole("button", { name: "Anlegen" }).click()
    await webmail.folderAction("Werft", "Unterordner anlegen")
    await page.getByLabel("Name des Ordners").fill("Boote")
    await page.getByRole("button", { name: "Anlegen" }).click()
    await expect(webmail.folders.getByRole("link", { name: "Boote" })).toBeVisible()
    await webmail.folders.getByRole("link", { name: "Boote" }).focus()
    await page.keyboard.press("F2")
    await page.getByLabel("Name des Ordners").fill("Rettungsboote")
    await page.getByRole("button", { name: "Speichern" }).click()
    await expect(webmail.folders.getByRole("link", { name: "Rettungsboote" })).toBeVisible()
  })
  await test.step("a mail is dragged there, another goes by the menu that finds folders by name", async () => {
    await webmail.mail("Wird gezogen").dragTo(webmail.folders.getByRole("link", { name: "Rettungsboote" }))
    await expect(webmail.mail("Wird gezogen")).toHaveCount(0)
    await webmail.mail("Wird verschoben").hover()
    await webmail.box("Wird verschoben").click()
    await webmail.selection.getByRole("button", { name: "Verschieben" }).click()
    await page.getByRole("combobox", { name: "Ordner suchen" }).fill("rettung")
    await page.keyboard.press("Enter")
    await expect(webmail.mail("Wird verschoben")).toHaveCount(0)
    await webmail.openFolder("Rettungsboote")
    await expect(webmail.list.getByRole("option")).toHaveCount(2)
  })
  await test.step("the trash says how many go before it is emptied", async () => {
    await webmail.openFolder("Posteingang")
    await webmail.mail("Bleibt liegen").hover()
    await webmail.mail("Bleibt liegen").locator("[data-act=remove]").click()
    await webmail.openFolder("Papierkorb")
    await expect(webmail.mail("Bleibt liegen")).toBeVisible()
    await page.getByRole("button", { name: "Leeren", exact: true }).click()
    const question = page.getByRole("alertdialog", { name: "„Papierkorb“ leeren" })
    await expect(question).toContainText("endgültig gelöscht")
    await question.getByRole("button", { name: "Endgültig löschen" }).click()
    await expect(webmail.list.getByRole("option")).toHaveCount(0)
    await expect.poll(() => company.subjects(ben, "trash")).toEqual([])
  })
})
