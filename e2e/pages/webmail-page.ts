import { expect, type Locator, type Page } from "@playwright/test"

/** The webmail, in German. */
export class WebmailPage {
  readonly page: Page
  /** The bar that tells the mode. */
  readonly bar: Locator
  readonly folders: Locator
  readonly list: Locator
  readonly reader: Locator
  readonly actions: Locator
  /** The frame with a mail's HTML. */
  readonly frame: Locator
  readonly composer: Locator
  readonly search: Locator
  /** What is done with the selected mails. */
  readonly selection: Locator

  constructor(page: Page) {
    this.page = page
    this.bar = page.getByRole("region", { name: "Betriebsart" })
    this.folders = page.getByRole("navigation", { name: "Ordner" })
    this.list = page.getByRole("listbox", { name: /^E-Mails in / })
    this.reader = page.getByRole("region", { name: "Lesebereich" })
    this.actions = this.reader.getByRole("toolbar", { name: "Aktionen für diese E-Mail" })
    this.frame = this.reader.locator("iframe[title='Inhalt der E-Mail']")
    this.composer = page.getByRole("dialog", { name: "Neue E-Mail" })
    this.search = page.getByRole("combobox", { name: "E-Mails suchen" })
    this.selection = page.getByRole("toolbar", { name: "Aktionen für die Auswahl" })
  }

  async open(): Promise<void> {
    await this.page.goto("/mail")
    await expect(this.list).toBeVisible()
  }

  mail(subject: string): Locator {
    return this.list.getByRole("option").filter({ hasText: subject })
  }

  /** The box that selects a mail of the list. */
  box(subject: string): Locator {
    return this.mail(subject).locator("[data-act=check]")
  }

  /** Chooses from the menu of a folder. */
  async folderAction(folder: string, action: string): Promise<void> {
    await this.folders.getByRole("link", { name: folder }).hover()
    await this.folders.getByRole("button", { name: `Aktionen für „${folder}“` }).click()
    await this.page.getByRole("menuitem", { name: action }).click()
  }

  /** Chooses from the menu of the list. */
  async view(choice: string): Promise<void> {
    await this.page.getByRole("button", { name: "Ansicht" }).click()
    await this.page.getByRole("menu").getByText(choice, { exact: true }).click()
  }

  async read(subject: string): Promise<void> {
    await this.mail(subject).click()
    await expect(this.reader.getByRole("heading", { level: 2, name: subject })).toBeVisible()
  }

  async openFolder(name: string): Promise<void> {
    await this.folders.getByRole("link", { name }).click()
    await expect(this.page.getByRole("heading", { level: 1, name })).toBeVisible()
  }

  async moveTo(folder: string): Promise<void> {
    await this.actions.getByRole("button", { name: "Verschieben" }).click()
    await this.page.getByRole("listbox", { name: "Verschieben nach" }).getByRole("option", { name: folder }).click()
  }
}
