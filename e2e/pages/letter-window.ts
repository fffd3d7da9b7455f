import { expect, type Locator, type Page } from "@playwright/test"

/** The window in which a mail is written, in German; `subject` tells several apart. */
export class LetterWindow {
  readonly root: Locator
  readonly to: Locator
  readonly subject: Locator
  readonly text: Locator
  readonly files: Locator
  readonly send: Locator
  /** What the window says about saving or sending. */
  readonly alert: Locator
  readonly #page: Page

  constructor(page: Page, subject?: string) {
    this.#page = page
    this.root = page.getByRole("dialog", { name: subject === undefined ? /^Neue E-Mail/ : `Neue E-Mail: ${subject}` })
    this.to = this.root.getByRole("combobox", { name: "An", exact: true })
    this.subject = this.root.getByLabel("Betreff")
    this.text = this.root.getByRole("textbox", { name: "Text der E-Mail" })
    this.files = this.root.getByRole("list", { name: "Anhänge" })
    this.send = this.root.getByRole("button", { name: "Senden", exact: true })
    this.alert = this.root.getByRole("alert")
  }

  async begin(): Promise<void> {
    await this.#page.getByRole("button", { name: "Neue E-Mail" }).first().click()
    await expect(this.to).toBeFocused()
  }

  async attach(name: string, content: string | Buffer): Promise<void> {
    await this.root.locator("input[type=file]:not([accept])").setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) })
  }

  /** Drops a file of so many bytes onto the window. */
  async drop(name: string, size: number): Promise<void> {
    await this.root.evaluate((element, file) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([new Uint8Array(file.size)], file.name))
      element.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }))
    }, { name, size })
  }

  tool(name: string): Locator {
    return this.root.getByRole("toolbar", { name: "Formatierung" }).getByRole("button", { name, exact: true })
  }

  async saved(): Promise<void> {
    await expect(this.root.getByText(/^Gespeichert \d\d:\d\d$/)).toBeVisible({ timeout: 20_000 })
  }

  async option(name: string): Promise<void> {
    await this.root.getByRole("button", { name: "Weitere Optionen" }).click()
    await this.#page.getByRole("menu").getByText(name, { exact: true }).click()
  }
}
