import type { MailSettingsChange } from "@lifeboat/shared/schemas/mail-settings"
import { Company, david } from "./company.ts"
import { expect, test } from "./test.ts"

const plain: MailSettingsChange = { undoSeconds: 0, signatures: [], signatureNew: "", signatureReply: "", writeAs: "rich" }

/** How David writes. */
export const settings = (company: Company, change: MailSettingsChange) => company.as(david)("PUT", "/api/mail/settings", change)

/** Every story of the file begins with David in the webmail during an outage, with nothing set, and leaves it so. */
export function davidWrites(): void {
  test.beforeAll(async ({ stack }) => {
    const company = new Company(stack)
    await company.calm()
    await company.force("emergency")
  })
  test.beforeEach(async ({ company, signedIn, page }) => {
    await settings(company, plain)
    await signedIn(david)
    await page.goto("/mail")
    await expect(page.getByRole("listbox")).toBeVisible()
  })
  test.afterAll(async ({ stack }) => {
    const company = new Company(stack)
    await settings(company, plain)
    await company.calm()
  })
}
