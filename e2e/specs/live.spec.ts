import type { Page } from "@playwright/test"
import { plainLetter } from "../messages/plain.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { anna, Company } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.force("emergency")
})
test.afterAll(({ stack }) => new Company(stack).calm())

const streams = (page: Page) => {
  const asked: string[] = []
  page.context().on("request", (request) => {
    if (request.url().endsWith("/api/mail/stream")) asked.push(request.url())
  })
  return asked
}
const unread = async (page: Page) => Number(/^\((\d+)\)/.exec(await page.title())?.[1] ?? 0)

test("new mail is there within two seconds, in every tab, over one connection; read here is read there", async ({ page, context, signedIn, company }) => {
  const asked = streams(page)
  await signedIn(anna)
  const [first, second] = [new WebmailPage(page), new WebmailPage(await context.newPage())]
  await first.open()
  await second.open()
  const before = await unread(first.page)

  await company.send(plainLetter(anna, "Sofort zu sehen"))
  const sent = Date.now()
  await expect(second.mail("Sofort zu sehen")).toBeVisible()
  expect(Date.now() - sent).toBeLessThan(2_000)
  await expect(first.mail("Sofort zu sehen")).toBeVisible()
  await expect.poll(() => unread(first.page)).toBe(before + 1)
  expect(asked).toHaveLength(1)

  await second.page.goto("/archive")
  await expect.poll(() => unread(second.page), { message: "the count stands in the title of other pages too" }).toBe(before + 1)
  await first.page.bringToFront()
  await first.read("Sofort zu sehen")
  await expect.poll(() => unread(second.page)).toBe(before)

  await test.step("the tab with the connection closes: the other one goes on", async () => {
    await first.page.close()
    await expect.poll(() => asked.length).toBe(2)
    await second.open()
    await company.send(plainLetter(anna, "Nach dem Schließen"))
    await expect(second.mail("Nach dem Schließen")).toBeVisible()
  })
})

test("a lost connection is said calmly, and what was missed is there once it is back", async ({ page, context, signedIn, company }) => {
  await signedIn(anna)
  const mail = new WebmailPage(page)
  await mail.open()
  await context.setOffline(true)
  const notice = page.getByRole("status").filter({ hasText: /Sie sind offline|Verbindung unterbrochen/ })
  await expect(notice).toBeVisible()
  await company.send(plainLetter(anna, "Während der Unterbrechung"))
  await context.setOffline(false)
  await expect(mail.mail("Während der Unterbrechung")).toBeVisible()
  await expect(notice).toHaveCount(0)
})

test("signing out in one tab ends it in the others", async ({ page, context, signedIn }) => {
  await signedIn(anna)
  await new WebmailPage(page).open()
  const other = await context.newPage()
  await other.goto("/account")
  await other.getByRole("main").getByRole("button", { name: "Abmelden" }).click()
  await expect(page.getByRole("button", { name: "Anmelden", exact: true })).toBeVisible()
})

test.describe("notifications", () => {
  test.beforeEach(({ page }) => page.addInitScript(() => {
    const shown: string[] = []
    const state = { hidden: false, shown }
    class FakeNotification extends EventTarget {
      static permission = localStorage.getItem("test.permission") ?? "default"
      static requestPermission = () => {
        FakeNotification.permission = localStorage.getItem("test.answer") ?? "granted"
        localStorage.setItem("test.permission", FakeNotification.permission)
        return Promise.resolve(FakeNotification.permission)
      }
      constructor(title: string, options: { body: string }) {
        super()
        shown.push(`${title}: ${options.body}`)
        Object.assign(window, { lastNotification: this })
      }
      close() {}
    }
    Object.assign(window, { Notification: FakeNotification, notified: state })
    Object.defineProperty(document, "visibilityState", { get: () => (state.hidden ? "hidden" : "visible") })
  }))
  const hide = (page: Page, hidden: boolean) => page.evaluate((now) => {
    Object.assign((window as unknown as { notified: object }).notified, { hidden: now })
    document.dispatchEvent(new Event("visibilitychange"))
  }, hidden)
  const shown = (page: Page) => page.evaluate(() => (window as unknown as { notified: { shown: string[] } }).notified.shown)

  test("are explained before the browser asks; they come only while nothing is to be seen, and open the mail", async ({ page, signedIn, company }) => {
    await signedIn(anna)
    await page.goto("/account")
    await expect(page.getByText("Meldet neue E-Mails mit Absender und Betreff")).toBeVisible()
    await page.getByRole("button", { name: "Einschalten" }).click()
    await expect(page.getByText("Eingeschaltet auf diesem Gerät.")).toBeVisible()
    const mail = new WebmailPage(page)
    await mail.open()
    await expect(mail.list.getByRole("option").first()).toBeVisible()
    await company.send(plainLetter(anna, "Gesehen"))
    await expect(mail.mail("Gesehen")).toBeVisible()
    await hide(page, true)
    await company.send(plainLetter(anna, "Nur gemeldet"))
    await expect.poll(() => shown(page)).toEqual(["Maria Lindqvist: Nur gemeldet"])
    await hide(page, false)
    await page.evaluate(() => (window as unknown as { lastNotification: EventTarget }).lastNotification.dispatchEvent(new Event("click")))
    await expect(mail.reader.getByRole("heading", { name: "Nur gemeldet" })).toBeVisible()
  })

  test("that the browser does not allow are said to be so", async ({ page, signedIn }) => {
    await signedIn(anna)
    await page.goto("/account")
    await page.evaluate(() => localStorage.setItem("test.answer", "denied"))
    await page.getByRole("button", { name: "Einschalten" }).click()
    await expect(page.getByText("Ihr Browser lässt Benachrichtigungen von Lifeboat nicht zu.")).toBeVisible()
  })
})
