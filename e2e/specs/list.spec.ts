import type { Page } from "@playwright/test"
import { head, plainLetter } from "../messages/plain.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { clara, Company, modeTimeout } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

const many = 240

test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  // The inbox is counted: what the story before left there goes to the primary first.
  await expect.poll(() => inInbox(company), { timeout: modeTimeout }).toBe(0)
  await company.force("emergency")
})
test.afterAll(({ stack }) => new Company(stack).calm())

/** Sends mails over several connections at once. */
async function sendMany(company: Company, subjects: readonly string[]): Promise<void> {
  const waiting = [...subjects]
  const next = async () => {
    for (let subject = waiting.shift(); subject !== undefined; subject = waiting.shift()) await company.send(plainLetter(clara, subject))
  }
  await Promise.all(Array.from({ length: 12 }, next))
}
const inInbox = async (company: Company) => (await company.as(clara)<{ total: number }>("GET", "/api/mail/folders/inbox/messages?limit=1")).total
const place = (page: Page, at: number) => page.getByRole("listbox", { name: /^E-Mails in / }).locator(`[role=option][aria-posinset="${at}"]`)

test("select a few, or all of a large folder; the server works it off; undo", async ({ page, signedIn, company }) => {
  const before = await inInbox(company)
  await sendMany(company, Array.from({ length: many }, (_, index) => `Rundbrief ${index}`))
  const total = before + many
  await expect.poll(() => inInbox(company), { timeout: 60_000 }).toBe(total)
  await company.as(clara)("PUT", "/api/mail/settings", { conversations: false })
  await signedIn(clara)
  const mail = new WebmailPage(page)
  await mail.open()
  await expect(place(page, 1)).toHaveAttribute("aria-setsize", String(total))

  await test.step("to the end, the middle and back; only what is seen is in the page", async () => {
    await mail.list.focus()
    await page.keyboard.press("End")
    await expect(place(page, total)).toContainText(before === 0 ? "Rundbrief" : /\S/)
    await expect(place(page, 1)).toHaveCount(0)
    await mail.list.evaluate((list) => list.scrollTo(0, list.scrollHeight / 2))
    await expect(place(page, Math.round(total / 2))).toContainText("Rundbrief")
    expect(await mail.list.getByRole("option").count()).toBeLessThan(60)
    await page.keyboard.press("Home")
    await expect(place(page, 1)).toContainText("Rundbrief")
  })
  await test.step("a range with Shift, one more with Ctrl, marked together, undone by Ctrl+Z", async () => {
    await place(page, 2).locator("[data-act=check]").click()
    await place(page, 5).click({ modifiers: ["Shift"] })
    await place(page, 7).click({ modifiers: ["Control"] })
    await expect(page.getByText("5 ausgewählt", { exact: true }).first()).toBeVisible()
    await mail.selection.getByRole("button", { name: "Als gelesen markieren" }).click()
    await expect(place(page, 4)).not.toContainText("ungelesen")
    await page.keyboard.press("Control+z")
    await expect(place(page, 4)).toContainText("ungelesen")
    await expect(new ControlPanel(page).notice("Rückgängig gemacht.")).toBeVisible()
  })
  await test.step("all of the folder goes at once, and comes back", async () => {
    await page.getByRole("button", { name: `Alle ${total} in diesem Ordner auswählen` }).click()
    await expect(page.getByText(`${total} ausgewählt`, { exact: true }).first()).toBeVisible()
    await mail.selection.getByRole("button", { name: "Löschen" }).click()
    await expect.poll(() => inInbox(company), { timeout: 30_000 }).toBe(0)
    await expect(mail.list.getByRole("option")).toHaveCount(0)
    const notice = new ControlPanel(page).notice(`${total} E-Mails sind fertig.`)
    await notice.locator("..").getByRole("button", { name: "Rückgängig" }).click()
    await expect.poll(() => inInbox(company), { timeout: 30_000 }).toBe(total)
    await expect(place(page, 1)).toHaveAttribute("aria-setsize", String(total))
  })
})

test("what the server refuses is back in its place; what it took stays away, whatever list comes late", async ({ page, signedIn, company }) => {
  for (const subject of ["Oben", "Mitte", "Unten"]) {
    const there = await inInbox(company)
    await company.send(plainLetter(clara, subject))
    await expect.poll(() => inInbox(company)).toBe(there + 1)
  }
  await signedIn(clara)
  const mail = new WebmailPage(page)
  await mail.open()
  const order = () => mail.list.getByRole("option").allInnerTexts().then((rows) => rows.slice(0, 3).map((row) => /Oben|Mitte|Unten/.exec(row)?.[0]))
  await expect.poll(order).toEqual(["Unten", "Mitte", "Oben"])

  await page.route("**/messages/*", (route) => (route.request().method() === "DELETE" ? route.fulfill({ status: 503, json: { code: "unavailable", message: "" } }) : route.fallback()))
  await mail.mail("Mitte").hover()
  await mail.mail("Mitte").locator("[data-act=remove]").click()
  await expect(new ControlPanel(page).notice("gerade nicht")).toBeVisible()
  await expect.poll(order).toEqual(["Unten", "Mitte", "Oben"])
  await page.unroute("**/messages/*")

  const stale = await (await page.request.get("/api/mail/folders/inbox/messages?limit=50")).json()
  await mail.mail("Mitte").locator("[data-act=remove]").click()
  await expect(mail.mail("Mitte")).toHaveCount(0)
  await page.route("**/messages?*", (route) => route.fulfill({ json: stale }))
  const late = page.waitForResponse(/messages\?/)
  await company.send(plainLetter(clara, "Löst ein Nachsehen aus"))
  await late
  await expect(mail.mail("Oben")).toBeVisible()
  await expect(mail.mail("Mitte")).toHaveCount(0)
})

test("a conversation is one row; what is done with it is done with all its mails, and said", async ({ page, signedIn, company }) => {
  await company.as(clara)("PUT", "/api/mail/settings", { conversations: true })
  const first = plainLetter(clara, "Planung Sommerfest")
  const id = /Message-ID: (\S+)/.exec(first.raw)?.[1] ?? ""
  await company.send(first)
  await company.send({ ...first, raw: `In-Reply-To: ${id}\nReferences: ${id}\n${head(clara, "Re: Planung Sommerfest")}\nDie Antwort.\n` })
  await signedIn(clara)
  const mail = new WebmailPage(page)
  await mail.open()
  const rows = mail.mail("Planung Sommerfest")
  await expect(rows).toHaveCount(1)
  await expect(rows).toContainText("Unterhaltung mit 2")
  await rows.click()
  await page.keyboard.press("#")
  await expect(rows).toHaveCount(0)
  await expect(new ControlPanel(page).notice("2 E-Mails in den Papierkorb verschoben.")).toBeVisible()
  await page.keyboard.press("z")
  await expect(rows).toHaveCount(1)
  await mail.view("Unterhaltungen zusammenfassen")
  await expect(rows).toHaveCount(2)
})

test.describe("in English", () => {
  test.use({ locale: "en-GB" })
  test("the reading pane is on the right, below or off, as wide as wanted, and stays so", async ({ page, signedIn, company }) => {
    await company.send(plainLetter(clara, "Panes"))
    await signedIn(clara)
    await page.goto("/mail")
    const list = page.getByRole("region", { name: "Mail list" })
    const reading = page.getByRole("region", { name: "Reading pane" })
    const option = page.getByRole("option").filter({ hasText: "Panes" })
    await option.click()
    await expect(reading.getByRole("heading", { level: 2, name: "Panes" })).toBeVisible()

    const separator = page.getByRole("separator", { name: "Width of the mail list" })
    const wide = Number(await separator.getAttribute("aria-valuenow"))
    await separator.press("ArrowRight")
    await expect(separator).toHaveAttribute("aria-valuenow", String(wide + 24))
    await page.getByRole("button", { name: "View" }).click()
    await page.getByRole("menuitemradio", { name: "Below" }).click()
    await expect(page.getByRole("separator", { name: "Height of the mail list" })).toBeVisible()
    const [above, under] = [await list.boundingBox(), await reading.boundingBox()]
    expect(under?.y).toBeGreaterThan(above?.y ?? Infinity)

    await page.getByRole("button", { name: "View" }).click()
    await page.getByRole("menuitemradio", { name: "Off" }).click()
    await expect(list).toBeHidden()
    await page.reload()
    await expect(reading.getByRole("heading", { level: 2, name: "Panes" })).toBeVisible()
    await page.getByRole("button", { name: "Back to the list" }).click()
    await expect(option).toBeVisible()
    await page.getByRole("button", { name: "View" }).click()
    await page.getByRole("menuitemradio", { name: "Right" }).click()
    await expect(separator).toHaveAttribute("aria-valuenow", String(wide + 24))
  })
})
