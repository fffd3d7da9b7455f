import { SignInPage } from "../pages/sign-in-page.ts"
import { anna, clara, password } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test("a wrong password gets one sentence, the same as an unknown address", async ({ page }) => {
  const signIn = new SignInPage(page)
  await signIn.open()
  for (const address of [clara, "nobody@example.com"]) {
    await signIn.enter(address, "not-the-password")
    await expect(page.getByText("Die Adresse oder das Passwort ist falsch.")).toBeVisible()
    await expect(page).toHaveURL(/sign-in/)
    await page.reload()
  }
})

test("nothing typed is said before anything is sent", async ({ page }) => {
  const signIn = new SignInPage(page)
  await signIn.open()
  const sent: string[] = []
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()))
  await signIn.submit.click()
  await expect(page.getByText("Bitte geben Sie Ihre E-Mail-Adresse und Ihr Passwort ein.")).toBeVisible()
  expect(sent).toEqual([])
})

test("sign in by keyboard alone, sign out, and the pages behind are closed", async ({ page }) => {
  const signIn = new SignInPage(page)
  await signIn.open()
  await expect(signIn.address).toBeFocused()
  await page.keyboard.type(anna)
  await page.keyboard.press("Tab")
  await page.keyboard.type(password)
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL(/\/mail/)
  await page.goto("/account")
  await page.getByRole("main").getByRole("button", { name: "Abmelden" }).click()
  await expect(signIn.submit).toBeVisible()
  await page.goto("/archive")
  await expect(page).toHaveURL(/sign-in/)
})

test("a session that ended asks to sign in again and goes on where one was", async ({ page, context, signedIn }) => {
  await signedIn(anna)
  await page.goto("/archive")
  await expect(page.getByRole("heading", { name: "Arbeitsbereich" })).toBeVisible()
  await context.clearCookies()
  await page.getByRole("combobox", { name: "Richtung" }).selectOption({ label: "Gesendet" })
  const dialog = page.getByRole("alertdialog", { name: "Bitte melden Sie sich wieder an" })
  await expect(dialog.getByText("Ihre Sitzung ist abgelaufen.")).toBeVisible()
  await expect(dialog.getByLabel("E-Mail-Adresse")).toHaveValue(anna)
  await dialog.getByLabel("Passwort").fill(password)
  await page.keyboard.press("Enter")
  await expect(dialog).toHaveCount(0)
  await expect(page).toHaveURL(/\/archive/)
  await expect(page.getByRole("combobox", { name: "Richtung" }).locator("option:checked")).toHaveText("Gesendet")
})

test("a guess at somebody else's page leads home, not there", async ({ page, signedIn }) => {
  await signedIn(anna)
  await page.goto("/panel/example.com/users")
  await expect(page).toHaveURL(/\/mail/)
  await expect(page.getByRole("link", { name: "Control Panel" })).toHaveCount(0)
})
