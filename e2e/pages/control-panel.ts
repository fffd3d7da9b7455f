import { expect, type Locator, type Page } from "@playwright/test"

/** The control panel around its pages: main navigation, scope selector, modules. German. */
export class ControlPanel {
  readonly page: Page
  readonly scope: Locator

  constructor(page: Page) {
    this.page = page
    this.scope = page.getByLabel("Bereichsauswahl")
  }

  async open(): Promise<void> {
    await this.page.getByRole("navigation", { name: "Hauptnavigation" }).getByRole("link", { name: "Control Panel" }).click()
    await expect(this.scope).toBeVisible()
  }

  async choose(domain: string): Promise<void> {
    await this.scope.selectOption(domain)
    await expect(this.scope).toHaveValue(domain)
  }

  /** Navigates as the handbook writes it: group > module. */
  async navigate(group: string, module: string): Promise<void> {
    const modules = this.page.getByRole("list", { name: group })
    await modules.getByRole("link", { name: module }).click()
    await expect(this.page.getByRole("heading", { level: 1, name: module })).toBeVisible()
  }

  /** The notice that says what was done. */
  notice(text: string | RegExp): Locator {
    return this.page.getByRole("region", { name: "Hinweise" }).getByText(text)
  }

  /** The question asked before something that matters. */
  question(title: string | RegExp): Locator {
    return this.page.getByRole("alertdialog", { name: title })
  }
}
