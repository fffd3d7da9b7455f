import { ContinuityPage } from "../pages/continuity-page.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { SignInPage } from "../pages/sign-in-page.ts"
import { administrator, anna, ben, domain, password } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.afterEach(({ company }) => company.calm())

test("Alle Benutzer einer Domain zum Continuity Service hinzufügen", async ({ page, company }) => {
  await company.api("PUT", `/api/domains/${domain}/continuity`, { coverage: "selected" })
  expect((await company.user(ben)).covered).toBe(false)
  const panel = new ControlPanel(page)
  const continuity = new ContinuityPage(page)

  await test.step("1. Melden Sie sich mit Ihren administrativen Zugangsdaten im Control Panel an.", async () => {
    await new SignInPage(page).signIn(administrator, password)
    await panel.open()
  })
  await test.step("2. Wählen Sie die Domain in der Bereichsauswahl aus.", () => panel.choose(domain))
  await test.step("3. Navigieren Sie zu Sicherheitseinstellungen > Continuity Service.", () => panel.navigate("Sicherheitseinstellungen", "Continuity Service"))
  await test.step("4. Aktivieren Sie die Checkbox Alle Benutzer.", async () => {
    await expect(continuity.enabled).toBeChecked()
    await expect(continuity.selected).toBeChecked()
    await continuity.all.click()
  })
  await test.step("Nobody had been added, so there is no warning, and it holds at once", async () => {
    await expect(panel.notice("Gespeichert. Es gilt ab sofort.")).toBeVisible()
    await expect(continuity.all).toBeChecked()
    await expect(continuity.selected).not.toBeChecked()
    await expect(page.getByRole("alertdialog")).toHaveCount(0)
    await expect(continuity.users).toHaveCount(0)
  })
  await test.step("Der Continuity Service wird auf alle Benutzer der Domain angewendet.", async () => {
    expect(await company.continuity()).toMatchObject({ enabled: true, coverage: "all" })
    for (const address of [anna, ben, administrator]) expect(await company.user(address)).toMatchObject({ covered: true })
  })
})
