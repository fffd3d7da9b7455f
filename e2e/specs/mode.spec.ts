import { plainLetter } from "../messages/plain.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { administrator, anna, domain, modeTimeout } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeEach(({ company }) => company.calm())
test.afterEach(({ company }) => company.calm())

test("force emergency, force normal, release: each asked first and told everywhere", async ({ page, signedIn, company }) => {
  await signedIn(administrator)
  await page.goto(`/panel/${domain}`)
  const panel = new ControlPanel(page)
  const state = page.getByRole("main").getByRole("status").filter({ hasText: /Seit / })
  const force = (name: string) => page.getByRole("main").getByRole("button", { name })
  await expect(state).toContainText("Normalbetrieb")

  await test.step("Abbrechen changes nothing", async () => {
    await force("Notfallbetrieb erzwingen").click()
    await panel.question("Auf Notfallbetrieb umschalten?").getByRole("button", { name: "Abbrechen" }).click()
    expect(await company.mode()).toMatchObject({ mode: "normal", forced: false })
  })
  await test.step("emergency", async () => {
    await force("Notfallbetrieb erzwingen").click()
    await panel.question("Auf Notfallbetrieb umschalten?").getByRole("button", { name: "Notfallbetrieb erzwingen" }).click()
    await expect(state).toContainText("Notfallbetrieb")
    await expect(state).toContainText("von Hand festgelegt")
    await expect(state).toContainText(`Ausgelöst von ${administrator}`)
    expect(await company.mode()).toMatchObject({ mode: "emergency", forced: true, by: administrator })
  })
  await test.step("the webmail says so, and mail waits in the mailbox though the server runs", async () => {
    await company.send(plainLetter(administrator, "Bei erzwungenem Notfall"))
    const mail = new WebmailPage(page)
    await mail.open()
    await expect(mail.bar).toContainText(/Seit .+ gilt der Notfallbetrieb/)
    await expect(mail.mail("Bei erzwungenem Notfall")).toBeVisible()
    expect((await company.atPrimary(administrator)).filter((each) => each.subject === "Bei erzwungenem Notfall")).toHaveLength(0)
  })
  await test.step("normal by hand", async () => {
    await page.goto(`/panel/${domain}`)
    await force("Normalbetrieb erzwingen").click()
    await panel.question("Auf Normalbetrieb umschalten?").getByRole("button", { name: "Normalbetrieb erzwingen" }).click()
    await expect(state).toContainText(/Normalbetrieb|Rückkehr/)
    await expect.poll(async () => (await company.mode()).mode, { timeout: modeTimeout }).toBe("normal")
    expect(await company.mode()).toMatchObject({ forced: true })
  })
  await test.step("release", async () => {
    await expect(force("Freigeben")).toBeVisible()
    await force("Freigeben").click()
    await panel.question("Automatik wieder freigeben?").getByRole("button", { name: "Freigeben" }).click()
    await expect(state).not.toContainText("von Hand festgelegt")
    await expect(state).toContainText("Normalbetrieb")
    expect(await company.mode()).toMatchObject({ mode: "normal", forced: false })
  })
  await test.step("what waited is on the company's server", async () => {
    await expect.poll(async () => (await company.atPrimary(administrator)).filter((each) => each.subject === "Bei erzwungenem Notfall").length, { timeout: 20_000 }).toBe(1)
  })
})

test("activation by hand: an outage does not switch, the administrator does", async ({ page, signedIn, company }) => {
  await signedIn(administrator)
  await page.goto(`/panel/${domain}/continuity`)
  await page.getByRole("radio", { name: "Manuell" }).check()
  await expect.poll(async () => (await company.continuity()).activation).toBe("manual")
  await company.server({ running: false, failure: "refuse" })
  await company.send(plainLetter(anna, "Bei manueller Aktivierung"))
  // Long enough for many confirming probes at this run's timing.
  await page.waitForTimeout(3_000)
  expect(await company.mode()).toMatchObject({ mode: "normal" })
  await company.force("emergency")
  await expect.poll(() => company.subjects(anna, "inbox"), { timeout: 20_000 }).toContain("Bei manueller Aktivierung")
})

test("switching the service off is asked first, and takes the choices away", async ({ page, signedIn, company }) => {
  await signedIn(administrator)
  await page.goto(`/panel/${domain}/continuity`)
  const panel = new ControlPanel(page)
  const service = page.getByRole("switch", { name: "Continuity Service aktivieren" })
  await service.click()
  await panel.question("Continuity Service deaktivieren?").getByRole("button", { name: "Deaktivieren" }).click()
  await expect(service).not.toBeChecked()
  await expect(page.getByRole("checkbox", { name: "Alle Benutzer" })).toHaveCount(0)
  expect(await company.continuity()).toMatchObject({ enabled: false })
  expect(await company.user(anna)).toMatchObject({ covered: false })
  await service.click()
  await expect(page.getByRole("checkbox", { name: "Alle Benutzer" })).toBeChecked()
  expect(await company.user(anna)).toMatchObject({ covered: true })
})
