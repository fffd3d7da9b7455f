import { ContinuityPage } from "../pages/continuity-page.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { SignInPage } from "../pages/sign-in-page.ts"
import { administrator, anna, ben, clara, domain, password } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.afterEach(({ company }) => company.calm())

test("Einzelne Benutzer zum Continuity Service hinzufügen", async ({ page, company }) => {
  const panel = new ControlPanel(page)
  const continuity = new ContinuityPage(page)

  await test.step("1. Melden Sie sich mit Ihren administrativen Zugangsdaten im Control Panel an.", async () => {
    await new SignInPage(page).signIn(administrator, password)
    await panel.open()
  })
  await test.step("2. Wählen Sie die Domain in der Bereichsauswahl aus.", () => panel.choose(domain))
  await test.step("3. Navigieren Sie zu Sicherheitseinstellungen > Continuity Service.", () => panel.navigate("Sicherheitseinstellungen", "Continuity Service"))
  await test.step("4. Aktivieren Sie die Checkbox Nur ausgewählte Benutzer.", async () => {
    await continuity.selected.click()
    await expect(continuity.selected).toBeChecked()
    await expect(continuity.users).toContainText("Noch keine Benutzer ausgewählt")
    expect(await company.user(clara)).toMatchObject({ covered: false })
  })
  await test.step("5. Klicken Sie unter Continuity-Service-Benutzer auf Hinzufügen. Eine erweiterte Ansicht öffnet sich.", async () => {
    await continuity.add.click()
    await expect(continuity.dialog).toBeVisible()
    await expect(continuity.search).toBeFocused()
  })
  await test.step("6. Geben Sie unter Benutzer auswählen die E-Mail-Adresse ein; Vorschläge ab drei Zeichen.", async () => {
    const asked: string[] = []
    page.on("request", (request) => request.url().includes("/users?") && asked.push(request.url()))
    await continuity.search.pressSequentially("cl")
    // Longer than the pause after which the field asks.
    await page.waitForTimeout(700)
    await expect(continuity.suggestions).toHaveCount(0)
    expect(asked).toEqual([])
    await continuity.search.pressSequentially("a")
    await expect(continuity.suggestions).toHaveCount(1)
    await expect(continuity.suggestions).toContainText(clara)
    expect(asked).toHaveLength(1)
  })
  await test.step("Three characters anywhere in address or name are enough", async () => {
    await continuity.search.fill("kaf")
    await expect(continuity.suggestions).toContainText([ben])
    await continuity.search.fill("ROSS")
    await expect(continuity.suggestions).toContainText([clara])
  })
  await test.step("Abbrechen adds nobody", async () => {
    await continuity.dialog.getByRole("button", { name: "Abbrechen" }).click()
    await expect(continuity.dialog).toHaveCount(0)
    expect(await company.selectedUsers()).toEqual([])
  })
  await test.step("7. Klicken Sie auf Hinzufügen.", async () => {
    await continuity.add.click()
    await continuity.search.pressSequentially("clara")
    await continuity.suggestions.filter({ hasText: clara }).click()
    await expect(continuity.search).toHaveValue(clara)
    await continuity.dialog.getByRole("button", { name: "Hinzufügen" }).click()
  })
  await test.step("Der Benutzer wird hinzugefügt und erscheint in der Tabelle.", async () => {
    await expect(continuity.dialog).toHaveCount(0)
    await expect(continuity.row(clara)).toContainText("Clara Rossi")
    await expect(panel.notice(`${clara} ist hinzugefügt.`)).toBeVisible()
  })
  await test.step("Der Continuity Service wird auf den Benutzer angewendet, at once and on nobody else", async () => {
    expect(await company.selectedUsers()).toEqual([clara])
    expect(await company.user(clara)).toMatchObject({ covered: true })
    expect(await company.user(anna)).toMatchObject({ covered: false })
    expect(await company.as(clara)("GET", "/api/session")).toMatchObject({ mailbox: true })
    expect(await company.as(anna)("GET", "/api/session")).toMatchObject({ mailbox: false })
  })
  await test.step("An address typed whole is added too, by the keyboard; an unknown one gets a sentence", async () => {
    await continuity.add.click()
    await continuity.search.fill(`nobody@${domain}`)
    await page.keyboard.press("Enter")
    await expect(continuity.dialog.getByRole("alert")).toHaveText("Es gibt keinen Benutzer mit dieser Adresse.")
    await continuity.search.fill(ben)
    await expect(continuity.suggestions).toHaveCount(1)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(continuity.suggestions).toHaveCount(0)
    await page.keyboard.press("Enter")
    await expect(continuity.row(ben)).toBeVisible()
    expect([...(await company.selectedUsers())].sort()).toEqual([ben, clara])
  })
})
