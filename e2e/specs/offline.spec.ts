import { htmlLetter } from "../messages/html.ts"
import { plainLetter } from "../messages/plain.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { anna, ben, Company } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.use({ serviceWorkers: "allow" })
test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.force("emergency")
})
test.afterAll(({ stack }) => new Company(stack).calm())

const kept = "lifeboat-data"

test("without a connection the last mails read are there; signing out leaves nothing", async ({ page, context, signedIn, company }) => {
  await company.send(plainLetter(anna, "Offline lesbar"))
  await company.send(htmlLetter(anna, "Offline mit Farben"))
  await company.send(plainLetter(anna, "Nie geöffnet, nie geladen"))
  await signedIn(anna)
  const mail = new WebmailPage(page)
  await mail.open()
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true)
  await page.reload()
  await mail.read("Offline mit Farben")
  await expect(mail.frame).toBeVisible()
  await mail.read("Offline lesbar")
  await expect.poll(() => page.evaluate(async (name) => (await (await caches.open(name)).keys()).filter(({ url }) => /\/messages\/\d+(\/html)?$/.test(new URL(url).pathname)).length, kept)).toBeGreaterThanOrEqual(3)

  await test.step("offline the shell opens, with folders, list and the mails read", async () => {
    await context.setOffline(true)
    await page.reload()
    await expect(mail.mail("Offline lesbar")).toBeVisible()
    await expect(page.getByText("Sie sind offline.")).toBeVisible()
    await mail.read("Offline lesbar")
    await expect(mail.reader.getByText("bitte melden Sie sich.")).toBeVisible()
    await mail.read("Offline mit Farben")
    await expect(mail.frame.contentFrame().getByText("Unser Angebot liegt bei.")).toBeVisible()
  })
  await test.step("what needs the connection says so, and nothing is lost", async () => {
    await mail.actions.getByRole("button", { name: "Löschen" }).click()
    await expect(page.getByText(/nicht erreichbar|offline/i).first()).toBeVisible()
    await expect(mail.mail("Offline mit Farben")).toBeVisible()
    await page.getByRole("button", { name: "Abmelden" }).click()
    await expect(page.getByText("Bitte prüfen Sie Ihre Verbindung").last()).toBeVisible()
    await expect(mail.list).toBeVisible()
  })
  await test.step("online again it is the server's word that counts", async () => {
    await context.setOffline(false)
    await company.send(plainLetter(anna, "Frisch vom Server"))
    await expect(mail.mail("Frisch vom Server")).toBeVisible()
  })
  await test.step("signing out leaves nothing to read", async () => {
    await page.goto("/account")
    await page.getByRole("main").getByRole("button", { name: "Abmelden" }).click()
    await expect(page.getByRole("button", { name: "Anmelden", exact: true })).toBeVisible()
    expect(await page.evaluate(async (name) => (await (await caches.open(name)).keys()).length, kept)).toBe(0)
    await context.setOffline(true)
    await page.goto("/mail")
    await expect(page.getByRole("button", { name: "Anmelden", exact: true })).toBeVisible()
    await expect(page.getByText("Offline lesbar")).toHaveCount(0)
    await context.setOffline(false)
  })
})

test("somebody else who signs in finds nothing of the one before", async ({ page, signedIn, context }) => {
  await signedIn(anna)
  const mail = new WebmailPage(page)
  await mail.open()
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller !== null)).toBe(true)
  await page.reload()
  await expect(mail.list).toBeVisible()
  const addresses = () => page.evaluate(async (name) => (await (await caches.open(name)).match("/.owner"))?.text(), kept)
  await expect.poll(addresses).toBe(anna)
  await context.clearCookies()
  await signedIn(ben)
  await page.goto("/mail")
  await expect.poll(addresses).toBe(ben)
  await context.setOffline(true)
  await page.reload()
  await expect(page.getByText("Offline lesbar")).toHaveCount(0)
  await context.setOffline(false)
})

test("installable: a manifest in both languages with icons that exist", async ({ page, request }) => {
  await page.goto("/sign-in")
  await expect(page.locator("link[rel=manifest]")).toHaveAttribute("href", "/manifest.de.webmanifest")
  for (const language of ["de", "en"]) {
    const manifest = (await (await request.get(`/manifest.${language}.webmanifest`)).json()) as { display: string; icons: { src: string; sizes: string; purpose?: string }[] }
    expect(manifest.display).toBe("standalone")
    expect(manifest.icons.some(({ purpose }) => purpose === "maskable")).toBe(true)
    for (const { src } of manifest.icons) expect((await request.get(src)).status(), src).toBe(200)
  }
  const worker = await request.get("/sw.js")
  expect(worker.headers()["cache-control"]).toBe("no-cache")
  expect((await request.get("/assets/gone-abc123.js")).status()).toBe(404)
})

test("parts of an old version that are gone lead to a prompt, not to a dead page", async ({ page, signedIn }) => {
  await signedIn(anna)
  await page.goto("/account")
  await expect(page.getByLabel("Aktuelles Passwort")).toBeVisible()
  const missing = () => page.evaluate(() => dispatchEvent(new Event("vite:preloadError", { cancelable: true })))
  const entry = await page.evaluate(() => document.querySelector<HTMLScriptElement>("script[type=module][src]")?.src ?? "")
  let answered = 0
  await page.route(entry, (route) => (route.request().method() !== "HEAD" ? route.fallback() : answered++ === 0 ? route.abort("internetdisconnected") : route.fulfill({ status: 404 })))
  await missing()
  await expect.poll(() => answered).toBe(1)
  await expect(page.getByText("Bitte laden Sie die Seite neu")).toHaveCount(0)
  await missing()
  const prompt = page.getByRole("status").filter({ hasText: "Bitte laden Sie die Seite neu" })
  await prompt.getByRole("button", { name: "Neu laden" }).click()
  await expect(page.getByLabel("Aktuelles Passwort")).toBeVisible()
  await expect(prompt).toHaveCount(0)
})
