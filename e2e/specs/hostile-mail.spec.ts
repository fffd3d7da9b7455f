import { knownVectors } from "../messages/hostile-known.ts"
import { loadVectors } from "../messages/hostile-loads.ts"
import { scriptVectors } from "../messages/hostile-scripts.ts"
import { bodyLetters, wordCount, wordLetters } from "../messages/hostile-words.ts"
import type { Vector } from "../messages/hostile-vector.ts"
import { htmlLetter, letterWithFile } from "../messages/html.ts"
import { plainLetter } from "../messages/plain.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { frameSandbox, inspectFrames, inspectShown, openFrames } from "../pages/hostile-frames.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { administrator, clara, Company, david, domain, password } from "../stack/company.ts"
import type { Letter } from "../stack/post.ts"
import { expect, test } from "../stack/test.ts"
import type { Page } from "@playwright/test"

const vectors: readonly Vector[] = [...scriptVectors, ...loadVectors, ...knownVectors]

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

/** Groups of so many, in order. */
function grouped<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.slice(n * size, (n + 1) * size))
}

/** Gives letters to the server, several at a time; the ids under which they are kept, in order. */
async function sendAll(company: Company, letters: readonly Letter[]): Promise<string[]> {
  const ids: string[] = []
  for (const group of grouped(letters, 8)) ids.push(...(await Promise.all(group.map((letter) => company.send(letter)))))
  return ids
}

/** What of the page around the mail must stay as it is. */
async function around(page: Page): Promise<unknown> {
  return page.evaluate(() => ({
    owned: "owned" in window, title: document.title.includes("owned"), globals: Object.keys(window).filter((name) => Number.isNaN(Number(name))).length, head: [...document.head.querySelectorAll("script,style,base,meta")].map((each) => each.outerHTML), body: document.body.getAttributeNames(), children: document.body.children.length,
    scripts: document.scripts.length, cookies: document.cookie, forms: document.forms.length,
  }))
}

/** Notes dialogs and windows that a mail opens. */
function watchFor(page: Page): readonly string[] {
  const opened: string[] = []
  page.on("dialog", (dialog) => {
    opened.push(dialog.message())
    void dialog.dismiss()
  })
  page.on("popup", (popup) => opened.push(popup.url()))
  return opened
}

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
  await mail.reader.getByRole("region", { name: "Anhänge" }).getByRole("button", { name: /herunterladen$/ }).click()
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

test(`there are ${vectors.length + wordCount} ways in which a mail attacks, each with a name of its own`, () => {
  expect(new Set(vectors.map(({ name }) => name)).size).toBe(vectors.length)
  expect(vectors.length).toBeGreaterThan(380)
  expect(wordCount).toBeGreaterThan(120)
})

test("a page without protection would run and fetch them, and the outside server would notice", async ({ browser, stack }) => {
  const bare = await browser.newContext()
  const page = await bare.newPage()
  const tried = vectors.filter(({ name }) => /^(?:script|handler|css-property|picture|drawing)-\d+$/.test(name))
  for (const group of grouped(tried, 30)) {
    await page.goto(`${stack.outsideUrl}/bare`)
    await page.setContent(group.map(({ html }) => html(stack.outsideUrl)).join("\n"), { waitUntil: "load", timeout: 5_000 }).catch(() => undefined)
  }
  const noticed = async () => tried.filter(({ name }, _, __, asked = seen) => asked.has(`/${name}`)).length
  let seen = new Set<string>()
  await expect.poll(async () => ((seen = new Set(await askedOutside(stack.outsideUrl))), noticed())).toBeGreaterThan(60)
  await bare.close()
})

test("the policy alone stops them, were the sanitiser to let everything through", async ({ browser, baseURL, stack, company }) => {
  const id = await company.send(htmlLetter(clara, "Ungefiltert"))
  // A browser of its own: here the page is expected to try.
  const own = await browser.newContext({ baseURL: baseURL ?? "", locale: "de-DE" })
  expect((await own.request.post("/api/session", { data: { address: clara, password } })).ok()).toBe(true)
  const page = await own.newPage()
  const opened = watchFor(page)
  const headers = (await own.request.get(`/api/archive/${id}/html`)).headers()
  await page.route(/\/html\?vector=/, async (route) => {
    const vector = vectors[Number(new URL(route.request().url()).searchParams.get("vector"))]
    await route.fulfill({ headers, body: `<!doctype html><body><p>Ungefiltert</p>${vector?.html(stack.outsideUrl)}` })
  })
  await page.goto("/archive")
  await expect(page.getByRole("heading", { name: "Arbeitsbereich" })).toBeVisible()
  const before = { asked: await askedOutside(stack.outsideUrl), around: await around(page), url: page.url() }
  for (const group of grouped(vectors.map((_, index) => `/api/archive/${id}/html?vector=${index}`), 50)) await openFrames(page, group)
  expect({ asked: await askedOutside(stack.outsideUrl), around: await around(page), url: page.url() }).toEqual(before)
  expect(opened).toEqual([])
  await own.close()
})

test("none of them leaves anything in a mail that could run, load, send or cover", async ({ page, signedIn, stack, company }) => {
  // What swallows the rest of its mail stands alone.
  const mails = [...vectors.filter(({ closed }) => !closed).map((vector) => [vector]), ...grouped(vectors.filter(({ closed }) => closed), 8)]
  const ids = await sendAll(company, mails.map((group, n) => htmlLetter(david, `Einzeln ${n}`, `<p>Vorher</p>${group.map(({ html }) => html(stack.outsideUrl)).join("\n")}<p>Nachher</p>`)))
  const names = new Map(ids.map((id, index) => [id, mails[index]?.map(({ name }) => name).join(" or ") ?? ""]))
  await signedIn(david)
  const opened = watchFor(page)
  await page.goto("/archive")
  await expect(page.getByRole("heading", { name: "Arbeitsbereich" })).toBeVisible()
  const before = { asked: await askedOutside(stack.outsideUrl), around: await around(page), url: page.url() }
  const found: string[] = []
  for (const group of grouped(ids.map((id, n) => `/api/archive/${id}/html?pictures=false&dark=${n % 2 === 1}`), 42)) found.push(...(await inspectFrames(page, group, 100)))
  expect(found.map((what) => what.replace(/^\/api\/archive\/([^/]+)\/html/, (_, id: string) => names.get(id) ?? id))).toEqual([])
  expect({ asked: await askedOutside(stack.outsideUrl), around: await around(page), url: page.url() }).toEqual(before)
  expect(opened).toEqual([])
})

test("no mail runs anything, fetches anything or covers anything in the webmail", async ({ page, signedIn, stack, company }) => {
  const groups = grouped(vectors.filter(({ closed }) => closed), 40)
  const letters = groups.map((group, n) => htmlLetter(clara, `Angriff ${n}.`, `<p>Vorher ${n}</p>${group.map(({ html }) => html(stack.outsideUrl)).join("\n")}<p>Nachher ${n}</p>`))
  await sendAll(company, letters)
  await signedIn(clara)
  const opened = watchFor(page)
  const mail = new WebmailPage(page)
  await mail.open()
  const asked = await askedOutside(stack.outsideUrl)
  const before = await around(page)
  for (const n of groups.keys()) {
    await test.step(`Angriff ${n}`, async () => {
      await mail.read(`Angriff ${n}.`)
      await expect(mail.frame).toHaveAttribute("sandbox", frameSandbox)
      await expect(mail.frame.contentFrame().getByText(`Vorher ${n}`, { exact: true })).toBeVisible()
      expect(await inspectShown(page, "iframe[title='Inhalt der E-Mail']")).toEqual([])
      await mail.actions.getByRole("button", { name: "Antworten", exact: true }).click({ trial: true })
    })
  }
  await test.step("a click in it goes nowhere in this window", async () => {
    await company.send(htmlLetter(clara, "Angriff zum Klicken", `<p>Klicken Sie</p>${vectors.filter(({ name }) => name.startsWith("link-")).map(({ html }) => html(stack.outsideUrl)).join("<br>")}`))
    const before = page.url()
    await mail.read("Angriff zum Klicken")
    await expect(page).not.toHaveURL(before)
    const here = page.url()
    for (const at of [0, 3, 9, 21]) await mail.frame.contentFrame().getByText("klick", { exact: true }).nth(at).click()
    expect(page.url()).toBe(here)
  })
  expect(opened).toEqual([])
  expect(await around(page)).toMatchObject({ owned: false, title: false, cookies: (before as { cookies: string }).cookies, forms: (before as { forms: number }).forms, body: (before as { body: string[] }).body })
  expect(await askedOutside(stack.outsideUrl)).toEqual(asked)
})

test("the frame's own address carries a policy that lets nothing out, whatever the sanitiser misses", async ({ page, signedIn, company }) => {
  await company.send(htmlLetter(clara, "Richtlinie"))
  await signedIn(clara)
  const mail = new WebmailPage(page)
  await mail.open()
  const framed = page.waitForResponse((response) => response.request().resourceType() === "document" && new URL(response.url()).pathname.endsWith("/html"))
  await mail.read("Richtlinie")
  const policy = (await framed).headers()["content-security-policy"] ?? ""
  for (const part of ["default-src 'none'", "script-src 'none'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'", "sandbox allow-same-origin"]) expect(policy).toContain(part)
  expect(policy).not.toMatch(/allow-scripts|allow-forms|allow-modals|allow-top|unsafe-eval/)
  expect((await framed).headers()["x-content-type-options"]).toBe("nosniff")
})

test("pictures from outside are left out, shown through us when asked for, and always for a sender who is trusted", async ({ page, signedIn, stack, company }) => {
  const dot = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="
  const letter = (subject: string) => htmlLetter(clara, subject, `<p>Bilder</p><img alt="fern" src="${stack.outsideUrl}/picture.gif"><img alt="nah" src="${dot}">`)
  await company.send(letter("Bilder eins"))
  await signedIn(clara)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Bilder eins")
  const bar = mail.reader.getByRole("group", { name: "Bilder von außen" })
  await expect(bar).toContainText("Ein Bild oder Inhalt von außen wurde zu Ihrem Schutz nicht geladen.")
  const near = mail.frame.contentFrame().getByRole("img", { name: "nah" })
  await expect(near).toHaveAttribute("src", dot)
  expect(await askedOutside(stack.outsideUrl)).not.toContain("/picture.gif")
  await bar.getByRole("button", { name: "Immer von diesem Absender" }).click()
  await expect(bar).toHaveCount(0)
  const far = mail.frame.contentFrame().getByRole("img", { name: "fern" })
  await expect(far).toHaveAttribute("src", /^\/api\/mail\/picture\?u=/)
  await expect.poll(() => far.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1)
  expect(await askedOutside(stack.outsideUrl)).toContain("/picture.gif")
  await company.send(letter("Bilder zwei"))
  await mail.read("Bilder zwei")
  await expect(far).toHaveAttribute("src", /^\/api\/mail\/picture/)
  await expect(bar).toHaveCount(0)
})

test("words that attack are words: subjects, names, file names, types, plain texts and charsets", async ({ page, signedIn, company }) => {
  const letters = [...wordLetters(clara), ...bodyLetters(clara)]
  const inbox = async () => (await company.as(clara)<{ items: { specialUse: string; total: number }[] }>("GET", "/api/mail/folders")).items.find(({ specialUse }) => specialUse === "inbox")?.total ?? 0
  const there = await inbox()
  await sendAll(company, letters.map(({ letter }) => letter))
  await expect.poll(inbox, { timeout: 30_000 }).toBeGreaterThanOrEqual(there + letters.length)
  await signedIn(clara)
  const opened = watchFor(page)
  const mail = new WebmailPage(page)
  await mail.open()
  const before = await around(page)
  const heading = mail.reader.getByRole("heading", { level: 2 })
  const read = new Set<string>()
  let last = page.url()
  await mail.list.getByRole("option").first().click()
  // They came last, so they stand on top; a few others may be among them.
  for (let step = 0; step < letters.length + 20 && read.size < letters.length; step++) {
    if (step > 0) await page.keyboard.press("j")
    await expect.poll(() => page.url()).not.toBe(last)
    last = page.url()
    await expect(mail.reader.getByRole("toolbar", { name: "Aktionen für diese E-Mail" })).toBeVisible()
    // The one before stays until this one is there.
    await expect(mail.reader).toHaveAttribute("data-reading", new URL(page.url()).pathname.split("/").slice(-2).join("/"))
    const mark = /^[WZ]\d+(?= )/.exec((await heading.textContent()) ?? "")?.[0]
    if (mark !== undefined) read.add(mark)
    await expect(mail.reader.locator("script, img[src='x'], svg[onload], [onerror], iframe[srcdoc]")).toHaveCount(0)
  }
  expect(read.size).toBe(letters.length)
  expect(await around(page)).toMatchObject({ owned: false, title: false, forms: (before as { forms: number }).forms })
  expect(opened).toEqual([])
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
