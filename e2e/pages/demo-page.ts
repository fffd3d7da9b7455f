import { expect, type Locator, type Page } from "@playwright/test"

/** The demo page with the switch of the company's mail server, in German. */
export class DemoPage {
  readonly page: Page
  readonly server: Locator

  constructor(page: Page) {
    this.page = page
    this.server = page.locator("section").filter({ has: page.getByRole("heading", { name: /^Der Mailserver/ }) })
  }

  async open(): Promise<void> {
    await this.page.goto("/demo")
    await expect(this.server).toBeVisible()
  }

  async stop(): Promise<void> {
    await this.server.getByRole("button", { name: "Mailserver stoppen" }).click()
    await expect(this.server).toContainText("Der Mailserver ist ausgefallen")
  }

  async start(): Promise<void> {
    await this.server.getByRole("button", { name: "Mailserver starten" }).click()
    await expect(this.server).toContainText("Der Mailserver läuft")
  }

  /** The subjects shown for somebody on the company's own server. */
  async mailbox(address: string): Promise<Locator> {
    const section = this.page.getByRole("region", { name: "Postfächer auf dem Mailserver der Firma" })
    await section.getByRole("combobox", { name: "Postfach" }).selectOption(address)
    return section.getByRole("listitem")
  }
}
