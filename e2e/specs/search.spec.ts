import { letterWithFile } from "../messages/html.ts"
import { plainLetter } from "../messages/plain.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { clara, Company, david } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.force("emergency")
  for (const subject of ["Angebot Leuchtturm", "Angebot Hafenkran", "Wetterbericht"]) await company.send(plainLetter(david, subject))
  await company.send(letterWithFile(david, "Angebot mit Zeichnung", "Zeichnung.txt"))
  await expect.poll(() => company.subjects(david, "inbox"), { timeout: 20_000 }).toContain("Angebot mit Zeichnung")
})
test.afterAll(({ stack }) => new Company(stack).calm())

test("results while typing, filters as chips, hits marked, kept in the address", async ({ page, signedIn }) => {
  await signedIn(david)
  const mail = new WebmailPage(page)
  await mail.open()
  await expect(mail.mail("Wetterbericht")).toBeVisible()
  await page.keyboard.press("/")
  await expect(mail.search).toBeFocused()

  await test.step("each key searches; words are marked in the rows", async () => {
    await page.keyboard.type("angebot")
    await expect(mail.list.getByRole("option")).toHaveCount(3)
    await expect(mail.mail("Hafenkran").locator("mark")).toHaveText("Angebot")
  })
  await test.step("a suggested filter becomes a chip, taken by keyboard, removed by Backspace", async () => {
    await page.keyboard.type(" hat")
    await expect(page.getByRole("option", { name: /hat:anhang/ })).toBeVisible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.getByRole("button", { name: "hat:anhang entfernen" })).toBeVisible()
    await expect(mail.list.getByRole("option")).toHaveCount(1)
    await expect(mail.mail("Angebot mit Zeichnung")).toBeVisible()
  })
  await test.step("reload and back find the search again", async () => {
    await expect(page).toHaveURL(/q=hat(?::|%3A)anhang/)
    await page.reload()
    await expect(page.getByRole("button", { name: "hat:anhang entfernen" })).toBeVisible()
    await expect(mail.list.getByRole("option")).toHaveCount(1)
    await mail.read("Angebot mit Zeichnung")
    await mail.openFolder("Gesendet")
    await page.goBack()
    await expect(mail.list.getByRole("option")).toHaveCount(1)
    await mail.search.focus()
    await page.keyboard.press("Home")
    await page.keyboard.press("Backspace")
    await expect(mail.list.getByRole("option")).toHaveCount(3)
  })
  await test.step("people are offered for a word and behind an operator, taken by keyboard or pointer", async () => {
    await mail.search.fill("lindq")
    const option = page.getByRole("listbox", { name: "Vorschläge" }).getByRole("option", { name: /von:.*Maria Lindqvist/ })
    await expect(option).toBeVisible()
    await page.keyboard.press("ArrowDown")
    await expect(option).toHaveAttribute("aria-selected", "true")
    await page.keyboard.press("Enter")
    await expect(page.getByRole("button", { name: "von:maria@nordlicht.example entfernen" })).toBeVisible()
    await expect(mail.search).toHaveAttribute("aria-expanded", "false")
    await expect(mail.mail("Wetterbericht")).toBeVisible()
    await page.keyboard.type("an:ros")
    await page.getByRole("option", { name: /^an:.*Clara Rossi/ }).click()
    await expect(mail.search).toBeFocused()
    await expect(page.getByRole("button", { name: `an:${clara} entfernen` })).toBeVisible()
    await expect(mail.mail("Wetterbericht")).toHaveCount(0)
  })
})

test("nothing is said to be missing before the server said so; deleted mail is found in the archive", async ({ page, signedIn }) => {
  await signedIn(david)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.mail("Angebot Leuchtturm").hover()
  await mail.mail("Angebot Leuchtturm").locator("[data-act=remove]").click()
  await expect(mail.mail("Angebot Leuchtturm")).toHaveCount(0)

  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  await page.route(/messages\?.*leuchtturm/, async (route) => {
    await held
    await route.fallback()
  })
  await mail.search.fill("leuchtturm")
  await expect(page.getByText("Wird gesucht …")).toBeVisible()
  await expect(page.getByText("Nichts gefunden")).toHaveCount(0)
  release()
  await expect(page.getByText("Nichts gefunden").first()).toBeVisible()
  await page.unroute(/messages\?.*leuchtturm/)

  const archive = page.getByRole("region", { name: "Im Archiv" })
  await expect(archive.getByRole("link", { name: /Angebot Leuchtturm/ })).toBeVisible()
  await mail.search.fill("leuchtturm in:papierkorb ")
  await expect(mail.mail("Angebot Leuchtturm")).toBeVisible()
  await page.getByRole("button", { name: "Suche leeren" }).click()
  await mail.openFolder("Gesendet")
  await mail.search.fill("wetterbericht")
  await expect(page.getByText("Nichts gefunden").first()).toBeVisible()
  await page.getByRole("radio", { name: "Ganzes Postfach" }).click()
  await expect(mail.mail("Wetterbericht")).toBeVisible()
  await mail.search.fill("leuchtturm")
  await page.getByRole("radio", { name: "Archiv", exact: true }).click()
  await archive.getByRole("link", { name: /Angebot Leuchtturm/ }).click()
  await expect(page).toHaveURL(/\/archive\//)
  await expect(page.getByRole("heading", { name: "Angebot Leuchtturm" })).toBeVisible()
})
