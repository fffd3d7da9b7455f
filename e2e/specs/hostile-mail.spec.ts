import { attacks } from "../messages/hostile.ts"
import { htmlLetter, letterWithFile } from "../messages/html.ts"
import { plainLetter } from "../messages/plain.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { administrator, clara, Company, domain, password } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.force("emergency")
})

test.afterAll(async ({ stack }) => {
  await new Company(stack).calm()
})

async function askedOutside(outside: string): Promise<readonly string[]> {
  return (await (await fetch(`${outside}/asked`)).json()) as string[]
}

test("a page without protection would run and fetch them, and the outside server would notice", async ({ browser, stack }) => {
  const bare = await browser.newContext()
  const page = await bare.newPage()
  for (const { html } of attacks.filter(({ name }) => name !== "meta-refresh")) {
    await page.goto(`${stack.outsideUrl}/bare`)
    await page.setContent(html(stack.outsideUrl), { waitUntil: "load" }).catch(() => undefined)
  }
  await expect.poll(() => askedOutside(stack.outsideUrl)).toEqual(expect.arrayContaining(["/script", "/onerror", "/pixel.gif", "/iframe", "/body.png", "/sheet.css", "/svg", "/poster"]))
  await bare.close()
})

test("the policy alone stops them, were the sanitiser to let everything through", async ({ browser, baseURL, stack, company }) => {
  await company.send(htmlLetter(clara, "Ungefiltert"))
  // A browser of its own: here the page is expected to try.
  const own = await browser.newContext({ baseURL: baseURL ?? "", locale: "de-DE" })
  expect((await own.request.post("/api/session", { data: { address: clara, password } })).ok()).toBe(true)
  const page = await own.newPage()
  const blocked: string[] = []
  page.on("console", (message) => /Content Security Policy|sandboxed/.test(message.text()) && blocked.push(message.text()))
  await page.route(/\/messages\/[^/]+\/html$/, async (route) => {
    const response = await route.fetch()
    await route.fulfill({ response, body: `<!doctype html><body><p>Ungefiltert</p>${attacks.map(({ html }) => html(stack.outsideUrl)).join("\n")}` })
  })
  const mail = new WebmailPage(page)
  const before = await askedOutside(stack.outsideUrl)
  await mail.open()
  await mail.read("Ungefiltert")
  await expect(mail.frame.contentFrame().locator("body")).toContainText("Ungefiltert")
  await expect.poll(() => blocked.length).toBeGreaterThan(5)
  await page.waitForTimeout(500)
  expect(await page.title()).not.toContain("owned")
  expect(page.url()).toContain("/mail/")
  expect(await askedOutside(stack.outsideUrl)).toEqual(before)
  await own.close()
})

test("no mail runs anything, fetches anything or covers anything", async ({ page, signedIn, stack, company }) => {
  const before = await askedOutside(stack.outsideUrl)
  for (const { name, html } of attacks) await company.send(htmlLetter(clara, `Angriff ${name}`, `<p>Vorher ${name}</p>${html(stack.outsideUrl)}<p>Nachher ${name}</p>`))
  await signedIn(clara)
  const dialogs: string[] = []
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message())
    void dialog.dismiss()
  })
  const popups: string[] = []
  page.on("popup", (popup) => popups.push(popup.url()))
  const mail = new WebmailPage(page)
  await mail.open()
  for (const { name } of attacks) {
    await test.step(name, async () => {
      await mail.read(`Angriff ${name}`)
      await expect(mail.frame).toHaveAttribute("sandbox", /^(?!.*allow-scripts)(?!.*allow-same-origin)/)
      const content = mail.frame.contentFrame()
      await expect(content.getByText(`Vorher ${name}`)).toBeVisible()
      const active = content.locator("script, iframe, object, embed, base, link, meta[http-equiv], form, svg, math, video, audio, [onerror], [onload], [onfocus]")
      await expect(active).toHaveCount(0)
      await expect(content.locator("a[href^='javascript' i], a[href^='data:' i]")).toHaveCount(0)
      expect(await page.title()).not.toContain("owned")
    })
  }
  await test.step("a click in it goes nowhere in this window", async () => {
    await mail.read("Angriff javascript-link")
    const here = page.url()
    await mail.frame.contentFrame().getByText("hier klicken").click()
    await page.waitForTimeout(300)
    expect(page.url()).toBe(here)
  })
  await test.step("an overlay stays inside its frame", async () => {
    await mail.read("Angriff overlay")
    await mail.actions.getByRole("button", { name: "Antworten", exact: true }).click({ trial: true })
  })
  expect(dialogs).toEqual([])
  expect(popups).toEqual([])
  expect(await askedOutside(stack.outsideUrl)).toEqual(before)
})

test("the frame's own address carries a policy that lets nothing out, whatever the sanitiser misses", async ({ page, signedIn, company }) => {
  await company.send(htmlLetter(clara, "Richtlinie"))
  await signedIn(clara)
  const mail = new WebmailPage(page)
  await mail.open()
  const framed = page.waitForResponse((response) => response.request().resourceType() === "document" && response.url().endsWith("/html"))
  await mail.read("Richtlinie")
  const policy = (await framed).headers()["content-security-policy"] ?? ""
  for (const part of ["default-src 'none'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'", "sandbox"]) expect(policy).toContain(part)
  expect(policy).not.toMatch(/allow-scripts|allow-same-origin|allow-forms|script-src|unsafe-eval/)
  expect((await framed).headers()["x-content-type-options"]).toBe("nosniff")
})

test("remote pictures are counted and left out; a picture in the mail is shown", async ({ page, signedIn, stack, company }) => {
  const dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="
  await company.send(htmlLetter(clara, "Bilder", `<p>Bilder</p><img alt="fern" src="${stack.outsideUrl}/remote.png"><img alt="nah" src="${dot}">`))
  await signedIn(clara)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Bilder")
  await expect(mail.reader.getByText("Ein Bild oder Inhalt von außen wurde zu Ihrem Schutz nicht geladen.")).toBeVisible()
  await expect(mail.frame.contentFrame().getByRole("img", { name: "nah" })).toHaveAttribute("src", dot)
  expect(await askedOutside(stack.outsideUrl)).not.toContain("/remote.png")
})

const markup = `<img src=x onerror="document.title='owned'"><b>fett</b>`

test("subjects, names and file names with HTML are text, in webmail, workspace, tracking and queue", async ({ page, signedIn, browser, baseURL, company }) => {
  const fileName = `"><img src=x onerror=alert(1)>.txt`
  const letter = letterWithFile(clara, markup, fileName)
  await company.send({ ...letter, raw: letter.raw.replace("From: Maria Lindqvist", `From: "<b>Maria</b>"`) })
  await signedIn(clara)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read(markup)
  await expect(mail.reader.getByText("<b>Maria</b>")).toBeVisible()
  await expect(mail.reader.getByRole("region", { name: "Anhänge" })).toContainText("<img src=x onerror=alert(1)>.txt")
  const download = page.waitForEvent("download")
  await mail.reader.getByRole("region", { name: "Anhänge" }).getByRole("link").click()
  expect((await download).suggestedFilename()).not.toMatch(/[\/<>"]/)
  await page.goto("/archive")
  await expect(page.getByRole("listitem").filter({ hasText: markup })).toBeVisible()

  const office = await browser.newContext({ baseURL: baseURL ?? "", locale: "de-DE" })
  const answer = await office.request.post("/api/session", { data: { address: administrator, password } })
  expect(answer.ok()).toBe(true)
  const panel = await office.newPage()
  for (const module of ["tracking", "queue"]) {
    await panel.goto(`/panel/${domain}/${module}`)
    await expect(panel.getByRole("link", { name: markup }).first()).toBeVisible()
    expect(await panel.title()).not.toContain("owned")
  }
  await office.close()
})

test("a plain text with HTML and a link is text with a link that opens elsewhere", async ({ page, signedIn, company }) => {
  await company.send(plainLetter(clara, "Nur Text", `${markup}\nSiehe https://nordlicht.example/seite?a=1 oder javascript:alert(1)`))
  await signedIn(clara)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Nur Text")
  await expect(mail.reader.getByText(markup)).toBeVisible()
  const link = mail.reader.getByRole("link", { name: "https://nordlicht.example/seite?a=1" })
  await expect(link).toHaveAttribute("rel", /noopener noreferrer/)
  await expect(link).toHaveAttribute("target", "_blank")
  await expect(mail.reader.locator("a[href^='javascript']")).toHaveCount(0)
  await expect(new ControlPanel(page).question(/./)).toHaveCount(0)
})
