import { ContinuityPage } from "../pages/continuity-page.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { SignInPage } from "../pages/sign-in-page.ts"
import { administrator, anna, ben, domain, password } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.afterEach(({ company }) => company.calm())

test("Von „Nur ausgewählte Benutzer“ zu „Alle Benutzer“: Warnmeldung mit „Bestätigen“", async ({ page, company }) => {
  await company.api("PUT", `/api/domains/${domain}/continuity`, { coverage: "selected" })
  await company.api("POST", `/api/domains/${domain}/continuity/users`, { address: anna })
  const panel = new ControlPanel(page)
  const continuity = new ContinuityPage(page)
  await new SignInPage(page).signIn(administrator, password)
  await panel.open()
  await panel.choose(domain)
  await panel.navigate("Sicherheitseinstellungen", "Continuity Service")
  await expect(continuity.row(anna)).toBeVisible()
  const warning = panel.question("Alle Benutzer")

  await test.step("Abbrechen leaves everything as it is", async () => {
    await continuity.all.click()
    await expect(warning).toContainText("werden alle bisher hinzugefügten Benutzer entfernt")
    await warning.getByRole("button", { name: "Abbrechen" }).click()
    await expect(warning).toHaveCount(0)
    await expect(continuity.selected).toBeChecked()
    await expect(continuity.all).not.toBeChecked()
    expect(await company.selectedUsers()).toEqual([anna])
  })
  await test.step("So does Escape", async () => {
    await continuity.all.click()
    await expect(warning).toBeVisible()
    await page.keyboard.press("Escape")
    await expect(warning).toHaveCount(0)
    await expect(continuity.selected).toBeChecked()
    expect(await company.continuity()).toMatchObject({ coverage: "selected" })
  })
  await test.step("5. Falls eine Warnmeldung erscheint, klicken Sie auf Bestätigen.", async () => {
    await continuity.all.click()
    await warning.getByRole("button", { name: "Bestätigen" }).click()
    await expect(continuity.all).toBeChecked()
    await expect(continuity.users).toHaveCount(0)
  })
  await test.step("Der Continuity Service wird auf alle Benutzer der Domain angewendet, die bisher hinzugefügten sind entfernt.", async () => {
    expect(await company.continuity()).toMatchObject({ coverage: "all" })
    expect(await company.user(ben)).toMatchObject({ covered: true })
    expect(await company.selectedUsers()).toEqual([])
    await continuity.selected.click()
    await expect(continuity.users).toContainText("Noch keine Benutzer ausgewählt")
    expect(await company.selectedUsers()).toEqual([])
    expect(await company.user(anna)).toMatchObject({ covered: false })
  })
})
