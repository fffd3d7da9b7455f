import { expect, type Locator, type Page } from "@playwright/test"

/** The sign-in page, in German. */
export class SignInPage {
  readonly page: Page
  readonly address: Locator
  readonly password: Locator
  readonly submit: Locator

  constructor(page: Page) {
    this.page = page
    this.address = page.getByLabel("E-Mail-Adresse")
    this.password = page.getByLabel("Passwort", { exact: true })
    this.submit = page.getByRole("button", { name: "Anmelden", exact: true })
  }

  async open(): Promise<void> {
    await this.page.goto("/sign-in")
    await expect(this.submit).toBeVisible()
  }

  async enter(address: string, password: string): Promise<void> {
    await this.address.fill(address)
    await this.password.fill(password)
    await this.submit.click()
  }

  /** Signs in and waits for the page behind. */
  async signIn(address: string, password: string): Promise<void> {
    await this.open()
    await this.enter(address, password)
    await expect(this.page).not.toHaveURL(/sign-in/)
  }
}
