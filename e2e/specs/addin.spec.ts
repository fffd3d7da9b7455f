import type { AddinCode, AddinPaired } from "@lifeboat/shared/schemas/addin"
import type { BrowserContext, Page } from "@playwright/test"
import { htmlLetter, letterWithFile } from "../messages/html.ts"
import { plainLetter } from "../messages/plain.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { mockOutlook, outlookCalls, selectInOutlook, TaskPane, type OutlookMock } from "../pages/task-pane.ts"
import { expectAccessible } from "../stack/axe.ts"
import { administrator, anna, ben, Company, domain } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

const paneUrl = "/addin/taskpane.html"
const light = "#ffffff"
const dark = "#1f1f1f"
const maria = "maria@nordlicht.example"
const reading: OutlookMock = { item: { kind: "reading", sender: maria }, language: "de-DE", background: light }
const writing: OutlookMock = { ...reading, item: { kind: "writing", format: "html" } }
const offer = "Angebot für die Flotte"

test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.send(htmlLetter(anna, offer, "<p>Guten Tag,</p><script>document.title='owned'</script><p><b>Unser Angebot</b> liegt bei.</p>"))
  await company.send(letterWithFile(anna, "Mit Liste", "Preisliste.txt"))
  await company.send({ from: "otto@suedwind.example", to: [anna], raw: plainLetter(anna, "Von jemand anderem").raw.replaceAll(maria, "otto@suedwind.example") })
  await expect.poll(async () => (await company.atPrimary(anna)).map((each) => each.subject)).toContain("Von jemand anderem")
})

/** A pane that is connected already. */
async function connected(context: BrowserContext, page: Page, company: Company, mock: OutlookMock, address = anna): Promise<TaskPane> {
  const { code } = await company.as(address)<AddinCode>("POST", "/api/addin/codes")
  const { token } = await company.as(address)<AddinPaired>("POST", "/api/addin/pair", { code, device: "Outlook (Test)" })
  // A mail's own frame has no storage.
  await context.addInitScript((value) => void (window.origin === "null" || localStorage.setItem("lifeboat-token anna@example.com", value)), token)
  await mockOutlook(context, mock)
  await page.goto(paneUrl)
  return new TaskPane(page)
}

test("connect an Outlook with a code, once, and disconnect it again", async ({ page, context, signedIn }) => {
  const account = await signedIn(anna)
  await account.goto("/account")
  const section = account.getByRole("region", { name: "Outlook verbinden" })
  await section.getByRole("button", { name: "Code erzeugen" }).click()
  const code = await section.getByText(/^[2-9A-Z]{4}-[2-9A-Z]{4}$/).textContent()
  const outlook = await context.newPage()
  await mockOutlook(context, reading)
  await outlook.goto(paneUrl)
  const pane = new TaskPane(outlook)
  await pane.code.fill("FALSCH22")
  await pane.connect.click()
  await expect(outlook.getByText("Dieser Code ist falsch oder gilt nicht mehr.").first()).toBeVisible()
  await pane.code.fill(String(code).toLowerCase())
  await outlook.keyboard.press("Enter")
  await expect(pane.mail(offer)).toBeVisible()
  await outlook.reload()
  await expect(pane.mail(offer)).toBeVisible()
  const device = section.getByRole("listitem").filter({ hasText: "Outlook (Web)" })
  await expect(device.first()).toBeVisible()
  await device.first().getByRole("button", { name: "Outlook (Web) trennen" }).click()
  await account.getByRole("alertdialog").getByRole("button", { name: "Trennen" }).click()
  await expect(account.getByText("Getrennt.").first()).toBeVisible()
  await outlook.reload()
  await expect(outlook.getByText("Dieses Outlook wurde getrennt.")).toBeVisible()
  await expect(pane.code).toBeVisible()
  await page.close()
})

test("beside a mail: its sender's mails, search, open, forward, deliver again", async ({ page, context, company }) => {
  const pane = await connected(context, page, company, reading)
  await test.step("the sender's mails are there at once", async () => {
    await expect(pane.mail(offer)).toBeVisible()
    await expect(pane.items.filter({ hasText: "Von jemand anderem" })).toHaveCount(0)
    await selectInOutlook(page, { kind: "reading", sender: "otto@suedwind.example" })
    await expect(pane.mail("Von jemand anderem")).toBeVisible()
    await expect(pane.items.filter({ hasText: offer })).toHaveCount(0)
    await page.getByRole("button", { name: /^E-Mails von otto@/ }).click()
    await expect(pane.mail(offer)).toBeVisible()
  })
  await test.step("search and open: the mail is harmless in its frame", async () => {
    await pane.search.fill("Flotte")
    await expect(pane.items.filter({ hasText: "Von jemand anderem" })).toHaveCount(0)
    await pane.read(offer)
    await expect(pane.frame.getByText("Unser Angebot")).toBeVisible()
    await expect(page).toHaveTitle("Lifeboat")
  })
  await test.step("forward: Outlook's own window, with the text and the whole mail", async () => {
    await pane.action("Weiterleiten").click()
    await expect(page.getByText("Outlook öffnet die neue E-Mail.")).toBeVisible()
    const [form] = (await outlookCalls(page)).forms
    expect(form?.subject).toBe(`WG: ${offer}`)
    expect(form?.htmlBody).toContain("Guten Tag, unser Angebot liegt bei.")
    const [file] = form?.attachments ?? []
    expect((await (await fetch(String(file?.url))).text()).replaceAll("\r\n", "\n")).toContain("Message-ID:")
  })
  await test.step("deliver again", async () => {
    const arrived = async () => (await company.atPrimary(anna)).filter((each) => each.subject === offer).length
    const before = await arrived()
    await pane.action("Erneut zustellen").click()
    await expect(page.getByText("Die E-Mail wird erneut zugestellt.")).toBeVisible()
    await expect.poll(arrived).toBe(before + 1)
  })
  await test.step("back, with the focus where it was; an attachment", async () => {
    await page.keyboard.press("Escape")
    await expect(pane.mail(offer)).toBeFocused()
    await pane.search.fill("Liste")
    await pane.read("Mit Liste")
    const download = page.waitForEvent("download")
    await page.getByRole("button", { name: /Preisliste\.txt/ }).click()
    expect((await download).suggestedFilename()).toBe("Preisliste.txt")
  })
})

test("while writing, the text of a found mail goes into the mail", async ({ page, context, company }) => {
  const pane = await connected(context, page, company, writing)
  await pane.search.fill("Flotte")
  await pane.read(offer)
  await pane.action("In die E-Mail einfügen").click()
  await expect(page.getByText("Eingefügt.")).toBeVisible()
  await selectInOutlook(page, { kind: "writing", format: "text" })
  await pane.action("In die E-Mail einfügen").click()
  await expect.poll(async () => (await outlookCalls(page)).inserted.map((each) => each.type)).toEqual(["html", "text"])
  const [html, text] = (await outlookCalls(page)).inserted
  expect(html?.data).toContain("<blockquote>Guten Tag, unser Angebot liegt bei.")
  expect(text?.data).toContain("Betreff: Angebot für die Flotte\n\nGuten Tag, unser Angebot liegt bei.")
})

for (const [language, background, view] of [["de-DE", light, "hell"], ["de-AT", dark, "dunkel"], ["en-US", light, "light"], ["en-GB", dark, "dark"]] as const) {
  test(`is readable and reachable in a narrow pane: ${language}, ${view}`, async ({ page, context, company }) => {
    await page.setViewportSize({ width: 320, height: 640 })
    // The system says the opposite: Outlook's theme counts.
    await page.emulateMedia({ colorScheme: background === dark ? "light" : "dark", reducedMotion: "reduce" })
    const pane = await connected(context, page, company, { ...writing, language, background })
    const look = async (what: string) => {
      await expectAccessible(page, `${what}, ${language}, ${view}`, false)
      expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${what} is not wider than the pane`).toBeLessThanOrEqual(0)
    }
    await expect(pane.mail(offer)).toBeVisible()
    await expect(page.locator("html")).toHaveAttribute("lang", language.slice(0, 2))
    const surface = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    expect(Number(/\d+/.exec(surface)?.[0]) < 128).toBe(background === dark)
    await look("list")
    await pane.read(offer)
    await expect(pane.frame.getByText("Unser Angebot")).toBeVisible()
    await look("mail")
    await page.getByRole("button", { name: /^(?:Verbindung|Connection)$/ }).click()
    await look("connection")
    await page.getByRole("button", { name: /^(?:Trennen|Disconnect)$/ }).click()
    await expect(pane.code).toBeVisible()
    await look("connecting")
  })
}

test("Outlook on the web shows the pane in its frame, without cookies; no other page may", async ({ browser, baseURL, company, stack }) => {
  const { code } = await company.as(anna)<AddinCode>("POST", "/api/addin/codes")
  const context = await browser.newContext({ locale: "de-DE" })
  await mockOutlook(context, reading)
  const page = await context.newPage()
  const frames = `/owa/?${encodeURIComponent(`${baseURL}${paneUrl}`)}`
  await page.goto(stack.outlookUrl + frames)
  const pane = new TaskPane(page.frameLocator("iframe").first())
  await pane.code.fill(code)
  await pane.connect.click()
  await pane.read(offer)
  await expect(pane.frame.getByText("Unser Angebot")).toBeVisible()
  await page.goto(stack.outsideUrl + frames)
  await expect(pane.code).toHaveCount(0)
  expect(page.frames().filter((frame) => frame.url().startsWith(String(baseURL)))).toEqual([])
  await context.close()
})

test("opened in a browser it shows the archive and asks nobody else", async ({ page, context, company }) => {
  const { code } = await company.as(ben)<AddinCode>("POST", "/api/addin/codes")
  await page.goto(paneUrl)
  const pane = new TaskPane(page)
  await pane.code.fill(code)
  await pane.connect.click()
  await expect(page.getByRole("region", { name: "Archiv" })).toBeVisible()
  await expect(pane.items.filter({ hasText: offer })).toHaveCount(0)
  expect(await context.cookies()).toEqual([])
})

test("an engine that cannot run the pane says where the archive is, and only such a one", async ({ page }) => {
  await page.addInitScript(() => void Reflect.deleteProperty(HTMLScriptElement.prototype, "noModule"))
  await page.route(/\/assets\/addin-/, (route) => route.fulfill({ contentType: "text/javascript", body: "" }))
  await page.goto(paneUrl)
  await expect(page.getByText("Diese Version von Outlook kann das Archiv nicht anzeigen.")).toBeVisible()
  await page.unroute(/\/assets\/addin-/)
  await page.reload()
  await expect(page.getByRole("button", { name: "Verbinden" })).toBeVisible()
  await expect(page.getByText("kann das Archiv nicht anzeigen")).toHaveCount(0)
})

test("administrators find the manifest and how to deploy it", async ({ page, signedIn }) => {
  await signedIn(administrator)
  await page.goto("/")
  const panel = new ControlPanel(page)
  await panel.open()
  await panel.choose(domain)
  await panel.navigate("Management", "Outlook-Add-in")
  await expect(page.getByText(/\/addin\/manifest\.xml$/)).toBeVisible()
  await expect(page.getByText(/^New-App -OrganizationApp -Url /)).toBeVisible()
  await expect(page.getByText("Outlook lädt Add-ins nur über https.")).toBeVisible()
  const download = page.waitForEvent("download")
  await page.getByRole("link", { name: "Manifest herunterladen" }).click()
  expect((await download).suggestedFilename()).toBe("lifeboat-outlook.xml")
  await expectAccessible(page, "add-in page", false)
})
