import { ContinuityPage } from "../pages/continuity-page.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { SignInPage } from "../pages/sign-in-page.ts"
import { administrator, anna, ben, domain, password } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.afterEach(({ company }) => company.calm())

test("Benutzer vom Continuity Service ausschließen", async ({ page, company }) => {
  await company.api("PUT", `/api/domains/${domain}/continuity`, { coverage: "selected" })
  for (const address of [anna, ben]) await company.api("POST", `/api/domains/${domain}/continuity/users`, { address })
  const panel = new ControlPanel(page)
  const continuity = new ContinuityPage(page)

  await test.step("1. Melden Sie sich mit Ihren administrativen Zugangsdaten im Control Panel an.", async () => {
    await new SignInPage(page).signIn(administrator, password)
    await panel.open()
  })
  await test.step("2. Wählen Sie die Domain in der Bereichsauswahl aus.", () => panel.choose(domain))
  await test.step("3. Navigieren Sie zu Sicherheitseinstellungen > Continuity Service.", () => panel.navigate("Sicherheitseinstellungen", "Continuity Service"))
  await test.step("4. Klicken Sie neben dem Benutzer auf das Kreuz unter Benutzer entfernen.", async () => {
    await expect(continuity.users.getByRole("columnheader", { name: "Benutzer entfernen" })).toBeVisible()
    await expect(continuity.row(anna)).toBeVisible()
    await continuity.cross(anna).click()
  })
  await test.step("Der Benutzer wird aus der Liste entfernt.", async () => {
    await expect(continuity.row(anna)).toHaveCount(0)
    await expect(continuity.row(ben)).toBeVisible()
    await expect(panel.notice(`${anna} ist entfernt.`)).toBeVisible()
  })
  await test.step("Der Continuity Service wird nicht mehr auf den Benutzer angewendet, at once", async () => {
    expect(await company.selectedUsers()).toEqual([ben])
    expect(await company.user(anna)).toMatchObject({ covered: false })
    expect(await company.as(anna)("GET", "/api/session")).toMatchObject({ mailbox: false })
    expect(await company.user(ben)).toMatchObject({ covered: true })
  })
})
