import type { Page } from "@playwright/test"
import { htmlLetter } from "../messages/html.ts"
import { plainLetter } from "../messages/plain.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { ContinuityPage } from "../pages/continuity-page.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { expectAccessible } from "../stack/axe.ts"
import { administrator, anna, ben, Company, domain, operator } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

/** In emergency, with mail in the mailbox and in the queue, everything there is to show is there. */
test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.force("emergency")
  await company.api("PUT", `/api/domains/${domain}/continuity`, { coverage: "selected" })
  for (const address of [anna, administrator]) await company.api("POST", `/api/domains/${domain}/continuity/users`, { address })
  await company.send(htmlLetter(anna, "Für alle Augen"))
  await company.send(plainLetter(anna, "Für alle Ohren"))
  await company.send(plainLetter(ben, "Wartet nur"))
  await expect.poll(() => company.subjects(anna, "inbox"), { timeout: 20_000 }).toContain("Für alle Ohren")
})

test.afterAll(({ stack }) => new Company(stack).calm())

/** Looks at a view in the light and in the dark. */
async function look(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
    // Colours are computed with the next frame.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    await expectAccessible(page, `${what}, ${colorScheme}`, colorScheme === "dark")
  }
  expect.soft(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${what} is not wider than the screen`).toBeLessThanOrEqual(0)
}

const heading = (page: Page, name: string | RegExp) => expect(page.getByRole("heading", { level: 1, name })).toBeVisible()

test("signing in", async ({ page }) => {
  await page.goto("/sign-in")
  await expect(page.getByRole("button", { name: "Anmelden", exact: true })).toBeVisible()
  await look(page, "sign-in")
  await page.getByRole("button", { name: "Anmelden", exact: true }).click()
  await look(page, "sign-in with an error")
})

test("webmail", async ({ page, signedIn }) => {
  await signedIn(anna)
  const mail = new WebmailPage(page)
  await mail.open()
  await expect(mail.mail("Für alle Augen").first()).toBeVisible()
  await look(page, "list")
  await mail.box("Für alle Augen").first().click()
  await expect(mail.selection).toBeVisible()
  await look(page, "selection")
  await mail.selection.getByRole("button", { name: "Verschieben" }).click()
  await expect(page.getByRole("combobox", { name: "Ordner suchen" })).toBeFocused()
  await look(page, "moving")
  await page.keyboard.press("Escape")
  await mail.selection.getByRole("button", { name: "Auswahl aufheben" }).click()
  await mail.search.fill("augen hat:anhang ist")
  await expect(page.getByRole("option", { name: /ist:ungelesen/ })).toBeVisible()
  await look(page, "search")
  await page.getByRole("button", { name: "Suche leeren" }).click()
  await page.getByRole("button", { name: "Ansicht" }).click()
  await page.getByRole("menuitem", { name: "Tastenkürzel" }).click()
  await expect(page.getByRole("dialog", { name: "Tastenkürzel" })).toBeVisible()
  await look(page, "shortcuts")
  await page.keyboard.press("Escape")
  await mail.mail("Für alle Augen").first().click()
  await expect(mail.frame).toBeVisible()
  await look(page, "reading HTML")
  await mail.actions.getByRole("button", { name: "Weitere Aktionen" }).click()
  await expect(page.getByRole("menu")).toBeVisible()
  await look(page, "menu")
  await page.keyboard.press("Escape")
  await mail.actions.getByRole("button", { name: "Antworten", exact: true }).click()
  await expect(mail.composer).toBeVisible()
  await mail.composer.locator("input[type=file]:not([accept])").setInputFiles({ name: "Notiz.txt", mimeType: "text/plain", buffer: Buffer.from("x") })
  await look(page, "writing")
  await mail.composer.getByRole("button", { name: "Verwerfen" }).click()
  await expect(page.getByRole("alertdialog")).toBeVisible()
  await look(page, "question")
})

test("workspace, account, demo", async ({ page, signedIn }) => {
  await signedIn(anna)
  await page.goto("/archive")
  await heading(page, "Arbeitsbereich")
  await look(page, "workspace")
  await page.getByRole("listitem").filter({ hasText: "Für alle Ohren" }).first().getByRole("link").first().click()
  await expect(page.getByRole("button", { name: "Erneut zustellen" })).toBeEnabled()
  await look(page, "archived mail")
  await page.goto("/account")
  await expect(page.getByLabel("Aktuelles Passwort")).toBeVisible()
  await look(page, "account")
  await page.goto("/demo")
  await expect(page.getByRole("button", { name: "Mailserver stoppen" })).toBeVisible()
  await look(page, "demo")
})

test("panel: operation", async ({ page, signedIn }) => {
  await signedIn(operator)
  await page.goto(`/panel/${domain}`)
  await expect(page.getByRole("button", { name: "Freigeben" })).toBeVisible()
  await look(page, "mode")
  await page.goto(`/panel/${domain}/tracking`)
  await expect(page.getByRole("row").nth(2)).toBeVisible()
  await look(page, "tracking")
  await page.getByRole("link", { name: "Für alle Augen" }).first().click()
  await expect(page.getByRole("region", { name: "Weg der E-Mail" }).getByRole("heading", { level: 2 })).toBeVisible()
  await look(page, "trail")
  await page.goto(`/panel/${domain}/queue`)
  await expect(page.getByRole("row").nth(1)).toBeVisible()
  await look(page, "queue")
  await page.goto(`/panel/${domain}/outages`)
  await page.getByRole("link", { name: /vermisst/ }).first().click()
  await heading(page, "Bericht zum Ausfall")
  await look(page, "recovery report")
})

test("panel: security settings and management", async ({ page, signedIn }) => {
  await signedIn(operator)
  const continuity = new ContinuityPage(page)
  await page.goto(`/panel/${domain}/continuity`)
  await expect(continuity.row(anna)).toBeVisible()
  await look(page, "continuity")
  await continuity.add.click()
  await continuity.search.fill("ben")
  await expect(continuity.suggestions).toHaveCount(1)
  await look(page, "adding a user")
  await page.goto(`/panel/${domain}/users`)
  await expect(page.getByRole("row").nth(2)).toBeVisible()
  await look(page, "users")
  await page.getByRole("button", { name: "Benutzer anlegen" }).click()
  await expect(page.getByRole("dialog")).toBeVisible()
  await look(page, "new user")
  await page.goto(`/panel/${domain}/learned`)
  await heading(page, "Gelernte Empfänger")
  await look(page, "learned recipients")
  await page.goto(`/panel/${domain}/settings`)
  await expect(page.getByLabel("Hostname oder IP-Adresse")).toHaveValue("127.0.0.1")
  await look(page, "domain")
})

test("main actions by the keyboard alone", { tag: "@desktop" }, async ({ page, signedIn }) => {
  await signedIn(anna)
  const mail = new WebmailPage(page)
  await mail.open()
  await expect(mail.mail("Für alle Augen").first()).toBeVisible()

  await test.step("the skip link comes first", async () => {
    await page.locator("body").press("Tab")
    await expect(page.getByRole("link", { name: "Zum Inhalt" })).toBeFocused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).toBeFocused()
  })
  await test.step("to the list, through it, and a mail is open", async () => {
    await tabTo(page, "E-Mails in Posteingang")
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(mail.reader.getByRole("heading", { level: 2 })).toBeVisible()
  })
  await test.step("on to Antworten, write, send by Ctrl+Enter, or leave by Escape into a draft", async () => {
    await tabTo(page, "Antworten")
    await page.keyboard.press("Enter")
    await expect(mail.composer.getByRole("textbox", { name: "Text der E-Mail" })).toBeFocused()
    await page.keyboard.type("Mit Tasten geschrieben")
    await page.keyboard.press("Escape")
    await expect(new ControlPanel(page).notice("Als Entwurf gespeichert.")).toBeVisible()
    await expect(mail.composer).toHaveCount(0)
  })
  await test.step("a menu opens, closes and gives the focus back", async () => {
    await tabTo(page, "Verschieben")
    await page.keyboard.press("Enter")
    await expect(page.getByRole("combobox", { name: "Ordner suchen" })).toBeFocused()
    await page.keyboard.press("Escape")
    await expect(mail.actions.getByRole("button", { name: "Verschieben" })).toBeFocused()
  })
  await test.step("a dialog keeps the focus inside and gives it back", async () => {
    await page.getByRole("button", { name: "Neuer Ordner" }).focus()
    await page.keyboard.press("Enter")
    const dialog = page.getByRole("dialog", { name: "Neuer Ordner" })
    await expect(dialog.getByLabel("Name des Ordners")).toBeFocused()
    for (let n = 0; n < 6; n++) {
      await page.keyboard.press("Tab")
      await expect(dialog.locator(":focus")).toHaveCount(1)
    }
    await page.keyboard.press("Escape")
    await expect(page.getByRole("button", { name: "Neuer Ordner" })).toBeFocused()
  })
  await test.step("every stop of the focus can be seen", async () => {
    for (let n = 0; n < 12; n++) {
      await page.keyboard.press("Tab")
      const seen = await page.evaluate(() => {
        const element = document.activeElement
        if (!element || element === document.body) return true
        // A field with chips in it shows the focus on the frame around both.
        const framed = element instanceof HTMLInputElement && element.parentElement ? [element, element.parentElement] : [element]
        return element.getAttribute("role") === "listbox" || framed.some((each) => {
          const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(each)
          return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none"
        })
      })
      expect.soft(seen, await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200) ?? "")).toBe(true)
    }
  })
})

/** Presses Tab until the element of this accessible name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let n = 0; n < 60; n++) {
    const here = await page.evaluate(() => {
      const element = document.activeElement
      return element?.getAttribute("aria-label") ?? element?.textContent?.trim() ?? ""
    })
    if (here === name) return
    await page.keyboard.press("Tab")
  }
  throw new Error(`Tab does not reach ${name}`)
}
