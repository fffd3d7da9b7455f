import type { DomainView } from "@lifeboat/shared/schemas/domain"
import { startPrimary, type TestPrimary } from "../../server/test/support/primary.ts"
import { plainLetter } from "../messages/plain.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { administrator, anna, ben, domain } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

let primary: TestPrimary
test.beforeEach(async ({ company }) => {
  await company.calm()
  primary = await startPrimary()
})
test.afterEach(async ({ company }) => {
  await company.calm()
  await primary.stop()
})

test("mail that the server refuses after an outage waits for the administrator, who has it tried again or tells the sender", async ({ page, company, signedIn }) => {
  await company.api<DomainView>("PUT", `/api/domains/${domain}`, { primary: { host: "127.0.0.1", port: primary.port, tls: "none" } })
  await primary.behave({ refuse: true })
  await company.send(plainLetter(anna, "Für Anna"))
  await company.send(plainLetter(ben, "Für Ben"))
  await company.reaches("emergency")
  await primary.behave({ failRecipients: [anna, ben] })
  await company.reaches("normal")

  await signedIn(administrator)
  await page.goto(`/panel/${domain}/queue`)
  const panel = new ControlPanel(page)
  const refused = page.getByRole("region", { name: "Vom Mailserver abgelehnt" })
  const row = (subject: string) => refused.getByRole("row").filter({ hasText: subject })
  await expect(row("Für Anna")).toContainText(/55\d 5\.1\.1/)
  await expect(row("Für Ben")).toBeVisible()

  await row("Für Ben").getByRole("button", { name: "Absender benachrichtigen" }).click()
  const question = panel.question("Absender benachrichtigen?")
  await expect(question).toContainText(ben)
  await question.getByRole("button", { name: "Abbrechen" }).click()
  await expect(row("Für Ben")).toBeVisible()
  await row("Für Ben").getByRole("button", { name: "Absender benachrichtigen" }).click()
  await question.getByRole("button", { name: "Absender benachrichtigen" }).click()
  await expect(panel.notice("Der Absender wird benachrichtigt.")).toBeVisible()
  await expect(row("Für Ben")).toHaveCount(0)

  await primary.behave({})
  await row("Für Anna").getByRole("button", { name: "Erneut versuchen" }).click()
  await expect(panel.notice("Eine Zustellung wird jetzt versucht.")).toBeVisible()
  await expect(refused).toHaveCount(0)
  await expect.poll(() => primary.messages().map((mail) => mail.envelope.rcptTo.join())).toEqual([anna])
})
