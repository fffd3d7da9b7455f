import { ControlPanel } from "../pages/control-panel.ts"
import { SignInPage } from "../pages/sign-in-page.ts"
import { administrator, domain } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

const emma = `emma.vogt@${domain}`

test.afterEach(async ({ company }) => {
  await company.api("DELETE", `/api/domains/${domain}/users/${emma}`).catch(() => undefined)
})

test("add a user, give a password, sign in as them, delete them", async ({ page, signedIn, browser, baseURL, company }) => {
  await signedIn(administrator)
  await page.goto(`/panel/${domain}/users`)
  const panel = new ControlPanel(page)
  const row = page.getByRole("row").filter({ hasText: emma })

  await test.step("add: the part before the @ is enough, a second of the same address is refused", async () => {
    await page.getByRole("button", { name: "Benutzer anlegen" }).click()
    const dialog = page.getByRole("dialog", { name: "Benutzer anlegen" })
    await dialog.getByLabel("E-Mail-Adresse").fill("anna")
    await dialog.getByRole("button", { name: "Benutzer anlegen" }).click()
    await expect(dialog.getByRole("alert")).toHaveText("Ein Benutzer mit dieser Adresse besteht bereits.")
    await dialog.getByLabel("E-Mail-Adresse").fill("emmavogt.@@")
    await dialog.getByRole("button", { name: "Benutzer anlegen" }).click()
    await expect(dialog.getByRole("alert")).toHaveText("Das ist keine gültige E-Mail-Adresse.")
    await dialog.getByLabel("E-Mail-Adresse").fill("emma.vogt")
    await dialog.getByLabel("Name", { exact: true }).fill("Emma Vogt")
    await dialog.getByLabel("Weitere Adressen").fill("emma")
    await dialog.getByLabel("Weitere Adressen").fill(`emma@${domain}`)
    await dialog.getByRole("button", { name: "Benutzer anlegen" }).click()
    await expect(dialog).toHaveCount(0)
    await expect(row).toContainText("Emma Vogt")
    await expect(row).toContainText("kein Passwort")
    await expect(row).toContainText("noch nie")
    expect(await company.user(emma)).toMatchObject({ name: "Emma Vogt", aliases: [`emma@${domain}`], role: "user", ready: false, covered: true })
  })
  await test.step("give a password", async () => {
    await page.getByRole("button", { name: `Passwort setzen für ${emma}` }).click()
    const dialog = page.getByRole("dialog", { name: "Passwort setzen" })
    await dialog.getByLabel("Neues Passwort").fill("ein guter Satz")
    await dialog.getByRole("button", { name: "Passwort setzen" }).click()
    await expect(row).toContainText("bereit")
  })
  await test.step("the password works at once, in a browser of their own", async () => {
    const own = await browser.newContext({ baseURL: baseURL ?? "", locale: "de-DE" })
    const theirs = await own.newPage()
    await new SignInPage(theirs).signIn(emma, "ein guter Satz")
    await expect(theirs).toHaveURL(/\/mail/)
    await own.close()
    await page.reload()
    await expect(row).not.toContainText("noch nie")
  })
  await test.step("edit", async () => {
    await page.getByRole("button", { name: `${emma} bearbeiten` }).click()
    const dialog = page.getByRole("dialog", { name: "Benutzer bearbeiten" })
    await dialog.getByLabel("Rolle").selectOption({ label: "Administrator" })
    await dialog.getByRole("button", { name: "Speichern" }).click()
    await expect(row).toContainText("Administrator")
  })
  await test.step("search", async () => {
    await page.getByRole("searchbox", { name: "Name oder Adresse suchen" }).fill("VOGT")
    await expect(page.getByRole("row")).toHaveCount(2)
    await page.getByRole("searchbox", { name: "Name oder Adresse suchen" }).fill("nobody at all")
    await expect(page.getByText("Kein Benutzer passt dazu")).toBeVisible()
    await page.getByRole("searchbox", { name: "Name oder Adresse suchen" }).fill("")
  })
  await test.step("delete: asked first, and signed out at once", async () => {
    await page.getByRole("button", { name: `${emma} löschen` }).click()
    const question = panel.question(`${emma} löschen?`)
    await question.getByRole("button", { name: "Abbrechen" }).click()
    await expect(row).toBeVisible()
    await page.getByRole("button", { name: `${emma} löschen` }).click()
    await question.getByRole("button", { name: "Löschen" }).click()
    await expect(row).toHaveCount(0)
    await expect(company.user(emma)).rejects.toThrow("404")
    await expect(company.signIn(emma, "ein guter Satz")).rejects.toThrow("wrong-credentials")
  })
})

test("nobody deletes the own account", async ({ page, signedIn }) => {
  await signedIn(administrator)
  await page.goto(`/panel/${domain}/users`)
  await expect(page.getByRole("button", { name: `${administrator} löschen` })).toBeDisabled()
})
