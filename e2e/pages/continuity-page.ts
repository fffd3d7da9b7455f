import type { Locator, Page } from "@playwright/test"

/** Sicherheitseinstellungen > Continuity Service, in the handbook's words. */
export class ContinuityPage {
  readonly page: Page
  readonly enabled: Locator
  readonly all: Locator
  readonly selected: Locator
  readonly users: Locator
  readonly add: Locator
  readonly dialog: Locator
  readonly search: Locator
  readonly suggestions: Locator

  constructor(page: Page) {
    this.page = page
    this.enabled = page.getByRole("switch", { name: "Continuity Service aktivieren" })
    this.all = page.getByRole("checkbox", { name: "Alle Benutzer" })
    this.selected = page.getByRole("checkbox", { name: "Nur ausgewählte Benutzer" })
    this.users = page.getByRole("region", { name: "Continuity-Service-Benutzer" })
    this.add = this.users.getByRole("button", { name: "Hinzufügen" })
    this.dialog = page.getByRole("dialog", { name: "Benutzer auswählen" })
    this.search = this.dialog.getByRole("combobox", { name: "Benutzer auswählen" })
    this.suggestions = this.dialog.getByRole("listbox", { name: "Vorschläge" }).getByRole("option")
  }

  row(address: string): Locator {
    return this.users.getByRole("row").filter({ hasText: address })
  }

  /** The cross beside a user, under "Benutzer entfernen". */
  cross(address: string): Locator {
    return this.row(address).getByRole("button", { name: `Benutzer entfernen: ${address}` })
  }
}
