import { htmlLetter, letterWithFile } from "../messages/html.ts"
import { plainLetter } from "../messages/plain.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { Company, david } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.force("emergency")
})

test.afterAll(({ stack }) => new Company(stack).calm())

test("search, unread only, mark, undo a deletion", async ({ page, signedIn, company }) => {
  for (const subject of ["Besprechung Montag", "Besprechung Dienstag", "Speiseplan"]) await company.send(plainLetter(david, subject))
  await signedIn(david)
  const mail = new WebmailPage(page)
  const panel = new ControlPanel(page)
  await mail.open()
  for (const subject of ["Besprechung Montag", "Besprechung Dienstag", "Speiseplan"]) await expect(mail.mail(subject)).toBeVisible()

  await test.step("search", async () => {
    await mail.search.fill("Besprechung")
    await expect(mail.list.getByRole("option")).toHaveCount(2)
    await page.getByRole("button", { name: "Suche leeren" }).click()
    await expect(mail.mail("Speiseplan")).toBeVisible()
  })
  await test.step("reading marks as read; unread only hides it", async () => {
    await mail.read("Speiseplan")
    await expect(mail.mail("Speiseplan")).not.toContainText("ungelesen")
    await page.getByRole("button", { name: "Ungelesen", exact: true }).click()
    await expect(mail.mail("Speiseplan")).toHaveCount(0)
    await expect(mail.mail("Besprechung Montag")).toBeVisible()
    await page.getByRole("button", { name: "Ungelesen", exact: true }).click()
  })
  await test.step("mark as unread and with a flag, kept by the server", async () => {
    for (const action of ["Als ungelesen markieren", "Markieren"]) {
      await mail.actions.getByRole("button", { name: "Weitere Aktionen" }).click()
      await page.getByRole("menuitem", { name: action, exact: true }).click()
    }
    await expect(mail.mail("Speiseplan")).toContainText("ungelesen")
    await expect(mail.mail("Speiseplan").getByRole("img", { name: "markiert" })).toBeVisible()
    await mail.open()
    await expect(mail.mail("Speiseplan").getByRole("img", { name: "markiert" })).toBeVisible()
    await expect(mail.mail("Speiseplan")).toContainText("ungelesen")
  })
  await test.step("delete and undo", async () => {
    await mail.read("Besprechung Montag")
    await mail.actions.getByRole("button", { name: "Löschen" }).click()
    await expect(mail.mail("Besprechung Montag")).toHaveCount(0)
    await panel.notice("In den Papierkorb verschoben.").locator("..").getByRole("button", { name: "Rückgängig" }).click()
    await expect(mail.mail("Besprechung Montag")).toBeVisible()
    await expect.poll(() => company.subjects(david, "trash")).not.toContain("Besprechung Montag")
  })
})

test("a mail that takes its time: its head is there at once, another one can be opened before it, nothing of one is done to the other", async ({ page, signedIn, company }) => {
  for (const subject of ["Kommt langsam", "Kommt schnell"]) await company.send(plainLetter(david, subject))
  await signedIn(david)
  const mail = new WebmailPage(page)
  await mail.open()
  await expect(mail.mail("Kommt schnell")).toBeVisible()
  await page.mouse.move(2, 2)
  await page.reload()
  const slow = Promise.withResolvers<void>()
  await page.route(/\/messages\/\d+$/, async (route) => {
    const answer = await route.fetch()
    if ((await answer.text()).includes("Kommt langsam")) await slow.promise
    await route.fulfill({ response: answer })
  })

  await test.step("who wrote it and about what is there before the text", async () => {
    await mail.mail("Kommt langsam").click()
    await expect(mail.reader.getByRole("heading", { name: "Kommt langsam" })).toBeVisible()
    await expect(mail.reader).toHaveAttribute("aria-busy", "true")
    await expect(mail.reader.getByText("bitte melden Sie sich.")).toHaveCount(0)
    await mail.actions.getByRole("button", { name: "Verschieben" }).click()
    await expect(page.getByRole("dialog")).toBeVisible()
  })
  await test.step("another one takes its place, and a menu that was open for the first is closed", async () => {
    await page.keyboard.press("Escape")
    await mail.mail("Kommt schnell").click()
    await expect(mail.reader.getByText("bitte melden Sie sich.")).toBeVisible()
    await expect(mail.reader.getByRole("heading", { name: "Kommt schnell" })).toBeVisible()
    await expect(page.getByRole("dialog")).toHaveCount(0)
    slow.resolve()
    await expect(page).toHaveURL(/\/mail\/[^/]+\/\d+$/)
    await expect(mail.reader).toHaveAttribute("aria-busy", "false")
    await expect(mail.reader.getByRole("heading", { name: "Kommt schnell" })).toBeVisible()
  })
  await page.unrouteAll({ behavior: "ignoreErrors" })
  await test.step("its address is that of the page: reload and back find it", async () => {
    await page.reload()
    await expect(mail.reader.getByRole("heading", { name: "Kommt schnell" })).toBeVisible()
    const address = page.url()
    await mail.mail("Kommt langsam").click()
    await expect(mail.reader.getByText("bitte melden Sie sich.")).toBeVisible()
    await expect(mail.reader.getByRole("heading", { name: "Kommt langsam" })).toBeVisible()
    await expect(page).not.toHaveURL(address)
    await page.goBack()
    await expect(mail.reader.getByRole("heading", { name: "Kommt schnell" })).toBeVisible()
  })
})

test("a draft is kept, written on and sent once", async ({ page, signedIn, company }) => {
  await signedIn(david)
  const mail = new WebmailPage(page)
  const panel = new ControlPanel(page)
  await mail.open()
  await page.getByRole("button", { name: "Neue E-Mail" }).click()
  await mail.composer.getByLabel("An", { exact: true }).fill("maria@nordlicht.example")
  await mail.composer.getByLabel("Betreff").fill("Entwurf in zwei Teilen")
  await mail.composer.getByRole("textbox", { name: "Text der E-Mail" }).fill("Erster Teil.")
  await mail.composer.getByRole("button", { name: "Als Entwurf speichern und schließen" }).click()
  await expect(panel.notice("Als Entwurf gespeichert.")).toBeVisible()
  await mail.openFolder("Entwürfe")
  await mail.read("Entwurf in zwei Teilen")
  await mail.actions.getByRole("button", { name: "Weiterschreiben" }).click()
  await expect(mail.composer.getByRole("textbox", { name: "Text der E-Mail" })).toHaveText("Erster Teil.")
  await mail.composer.getByRole("textbox", { name: "Text der E-Mail" }).fill("Erster Teil. Zweiter Teil.")
  await mail.composer.getByRole("button", { name: "Senden" }).click()
  await expect(panel.notice("Gesendet.")).toBeVisible()
  await expect.poll(() => company.subjects(david, "drafts")).toEqual([])
  expect((await company.subjects(david, "sent")).filter((subject) => subject === "Entwurf in zwei Teilen")).toHaveLength(1)
  await expect.poll(async () => (await company.atPrimary("maria@nordlicht.example")).filter((each) => each.subject === "Entwurf in zwei Teilen").map((each) => each.text.trim())).toEqual(["Erster Teil. Zweiter Teil."])
})

test("forward with the original's attachment", async ({ page, signedIn, company }) => {
  await company.send(letterWithFile(david, "Mit Plan", "Plan Übersicht.txt"))
  await signedIn(david)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Mit Plan")
  await mail.actions.getByRole("button", { name: "Weiterleiten" }).click()
  await expect(mail.composer.getByRole("list", { name: "Anhänge" })).toContainText("Plan Übersicht.txt")
  await mail.composer.getByLabel("An", { exact: true }).fill("clara@example.com")
  await mail.composer.getByRole("button", { name: "Senden" }).click()
  await expect.poll(() => company.subjects("clara@example.com", "inbox")).toContain("Fwd: Mit Plan")
  const id = (await company.as("clara@example.com")<{ items: { id: string }[] }>("GET", "/api/archive?q=Fwd")).items[0]?.id ?? ""
  expect(await company.as("clara@example.com")("GET", `/api/archive/${id}`)).toMatchObject({ attachmentList: [{ name: "Plan Übersicht.txt" }] })
})

test("who cannot get it is said before anything is lost", async ({ page, signedIn, company }) => {
  await signedIn(david)
  const mail = new WebmailPage(page)
  await mail.open()
  await page.getByRole("button", { name: "Neue E-Mail" }).click()
  const to = mail.composer.getByLabel("An", { exact: true })
  await mail.composer.getByLabel("Betreff").fill("An wen denn")
  await mail.composer.getByRole("button", { name: "Senden" }).click()
  await expect(mail.composer.getByText("Bitte geben Sie mindestens einen Empfänger an.")).toBeVisible()
  await to.fill("keine adresse")
  await mail.composer.getByRole("button", { name: "Senden" }).click()
  await expect(mail.composer.getByText("„keine adresse“ ist keine gültige E-Mail-Adresse.")).toBeVisible()
  await mail.composer.getByRole("button", { name: "Empfänger keine adresse entfernen" }).click()
  await to.fill("nobody@example.com")
  await mail.composer.getByRole("button", { name: "Senden" }).click()
  await expect(mail.composer.getByText(/Keiner der Empfänger ist erreichbar/)).toBeVisible()
  await to.fill("ben@example.com")
  await mail.composer.getByRole("button", { name: "Senden" }).click()
  const partly = page.getByRole("alertdialog", { name: "Gesendet, aber nicht an alle" })
  await expect(partly).toContainText("nobody@example.com")
  await partly.getByRole("button", { name: "Verstanden" }).click()
  await expect.poll(() => company.subjects("ben@example.com", "inbox")).toContain("An wen denn")
})

test("new mail appears while reading, without moving what is read", async ({ page, signedIn, company }) => {
  await company.send(htmlLetter(david, "Wird gerade gelesen"))
  await signedIn(david)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Wird gerade gelesen")
  await company.send(plainLetter(david, "Kommt dazwischen"))
  await expect(mail.mail("Kommt dazwischen")).toBeVisible()
  await expect(mail.reader.getByRole("heading", { level: 2 })).toHaveText("Wird gerade gelesen")
  await expect(page).toHaveTitle(/^\(\d+\) Posteingang/)
})
