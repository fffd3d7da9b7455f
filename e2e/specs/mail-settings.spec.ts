import type { MailSettings } from "@lifeboat/shared/schemas/mail-settings"
import { expectAccessible } from "../stack/axe.ts"
import { Company, david } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

const settings = (company: { as: (address: string) => <T>(method: string, path: string, body?: unknown) => Promise<T> }) => company.as(david)<MailSettings>("GET", "/api/mail/settings")

test.afterAll(({ stack }) => new Company(stack).calm())

test("how one reads and writes is set on the account page, kept at once, and put back when it could not be kept", async ({ page, signedIn, company }) => {
  await company.as(david)("PUT", "/api/mail/settings", { trustedSenders: ["news@shop.example"], signatures: [], signatureNew: "", signatureReply: "", conversations: true, readingPane: "right" })
  await signedIn(david)
  await page.goto("/account")
  const section = page.locator("#mail-settings")
  await expect(section.getByRole("heading", { name: "Webmail" })).toBeVisible()

  await test.step("switches and choices", async () => {
    await section.getByLabel("Unterhaltungen").click()
    await section.getByLabel("Lesebereich").selectOption("Unter der Liste")
    await section.getByLabel("Senden rückgängig machen").selectOption("30 Sekunden")
    await section.getByLabel("Neue Mails", { exact: true }).selectOption("Nur Text")
    await expect.poll(() => settings(company)).toMatchObject({ conversations: false, readingPane: "below", undoSeconds: 30, writeAs: "plain" })
  })
  await test.step("a signature, its name asked for, used at once, and deleted", async () => {
    await section.getByRole("button", { name: "Neue Signatur" }).click()
    const dialog = page.getByRole("dialog")
    await dialog.getByRole("button", { name: "Speichern" }).click()
    await expect(dialog.getByText("Bitte geben Sie der Signatur einen Namen.")).toBeVisible()
    await dialog.getByLabel("Name").fill("Büro")
    await dialog.getByRole("textbox", { name: "Text der Signatur" }).fill("David\nExample GmbH")
    await expectAccessible(page, "a signature", false)
    await dialog.getByRole("button", { name: "Speichern" }).click()
    await expect(dialog).toBeHidden()
    await expect(section.getByLabel("Für neue Mails")).toHaveValue(/.+/)
    const [signature] = (await settings(company)).signatures
    expect(signature).toMatchObject({ name: "Büro", html: expect.stringContaining("Example GmbH") })
    await section.getByRole("button", { name: "Signatur „Büro“ ändern" }).click()
    await expect(dialog.getByRole("textbox", { name: "Text der Signatur" })).toContainText("Example GmbH")
    await page.keyboard.press("Escape")
    await section.getByRole("button", { name: "Signatur „Büro“ löschen" }).click()
    await page.getByRole("alertdialog").or(page.getByRole("dialog")).getByRole("button", { name: "Löschen" }).click()
    await expect(section.getByText("Büro")).toBeHidden()
    await expect.poll(() => settings(company)).toMatchObject({ signatures: [], signatureNew: "", signatureReply: "" })
  })
  await test.step("trusted senders can be removed", async () => {
    await section.getByRole("button", { name: "news@shop.example entfernen" }).click()
    await expect(section.getByText("Bilder von außen werden erst auf Wunsch geladen")).toBeVisible()
    await expect.poll(async () => (await settings(company)).trustedSenders).toEqual([])
  })
  await test.step("what the server does not take is as it was", async () => {
    await page.route("**/api/mail/settings", (route) => (route.request().method() === "PUT" ? route.fulfill({ status: 503, json: { code: "unavailable", message: "" } }) : route.continue()))
    await section.getByLabel("Dunkle Mails").click()
    await expect(page.getByText("Das ist gerade nicht möglich").first()).toBeVisible()
    await expect(section.getByLabel("Dunkle Mails")).toBeChecked()
  })
})
