import { preferredLanguage } from "@lifeboat/shared/preferred-language"
import { shallowRef } from "vue"
import type { OfficeApi, OfficeMessageForm, OfficeResult } from "./office-api.ts"
import { deviceName, isDark } from "./office-host.ts"

/** The mail that Outlook has open beside the pane. */
export type OpenItem = { readonly kind: "reading"; readonly sender: string } | { readonly kind: "writing" }

/** Outlook as the pane sees it; outside Outlook it knows nothing and refuses everything. */
export class Outlook {
  readonly #office: OfficeApi | undefined
  /** The mail beside the pane, which changes under a pinned pane. */
  readonly item = shallowRef<OpenItem | undefined>(undefined)

  constructor(office: OfficeApi | undefined) {
    this.#office = office
    this.#look()
    this.#on("olkItemSelectedChanged", () => this.#look())
  }

  get language() {
    const preferred = this.#context?.displayLanguage
    return preferredLanguage(preferred === undefined ? navigator.languages : [preferred])
  }

  /** The mailbox's address, where Outlook tells. */
  get mailbox(): string {
    return this.#context?.mailbox?.userProfile?.emailAddress ?? ""
  }

  /** Separates what is kept for this pane from the same pane in another page (storage partitioning). */
  get partition(): string {
    return this.#context?.partitionKey ?? ""
  }

  get device(): string {
    return deviceName(this.#context?.diagnostics?.platform)
  }

  /** Whether Outlook's theme is dark; undefined: it does not tell, and the system's setting counts. */
  get dark(): boolean | undefined {
    return isDark(this.#context?.officeTheme?.bodyBackgroundColor)
  }

  whenThemeChanges(action: () => void): void {
    this.#on("officeThemeChanged", action)
  }

  get canWriteNew(): boolean {
    return this.#context?.mailbox?.displayNewMessageForm !== undefined
  }

  /** Opens Outlook's own window for a new mail; false: it refuses. */
  writeNew(form: OfficeMessageForm): boolean {
    const { mailbox } = this.#context ?? {}
    if (!mailbox?.displayNewMessageForm) return false
    try {
      mailbox.displayNewMessageForm(form)
      return true
    } catch {
      return false
    }
  }

  /** Puts a text where the cursor is in the mail being written, as HTML where that mail is HTML; false: Outlook refuses. */
  async insert(html: string, text: string): Promise<boolean> {
    const body = this.#context?.mailbox?.item?.body
    if (!body?.setSelectedDataAsync) return false
    const type = await answer<OfficeResult & { readonly value?: string }>((done) => (body.getTypeAsync ? body.getTypeAsync(done) : done({ status: "failed" })))
    const coercionType = type.value === "text" ? "text" : "html"
    return (await answer<OfficeResult>((done) => body.setSelectedDataAsync?.(coercionType === "html" ? html : text, { coercionType }, done))).status === "succeeded"
  }

  /** Opens an address of ours outside the pane: in the browser where Outlook is a program, else in a new window. */
  openOutside(url: string, fileName?: string): void {
    const { ui, requirements } = this.#context ?? {}
    if (ui?.openBrowserWindow && requirements?.isSetSupported("OpenBrowserWindowApi", "1.1") === true) return ui.openBrowserWindow(url)
    const link = document.createElement("a")
    link.href = url
    link.target = "_blank"
    link.rel = "noopener"
    if (fileName !== undefined) link.download = fileName
    link.click()
  }

  get #context() {
    return this.#office?.context
  }

  #on(event: "olkItemSelectedChanged" | "officeThemeChanged", action: () => void): void {
    try {
      this.#context?.mailbox?.addHandlerAsync?.(event, action)
    } catch {
      // An older Outlook that does not know the event: the pane shows what it showed when it opened.
    }
  }

  #look(): void {
    const item = this.#context?.mailbox?.item
    if (!item) this.item.value = undefined
    else if (item.body.setSelectedDataAsync) this.item.value = { kind: "writing" }
    else this.item.value = item.from?.emailAddress === undefined ? undefined : { kind: "reading", sender: item.from.emailAddress }
  }
}

function answer<T extends OfficeResult>(ask: (done: (result: T) => void) => void): Promise<OfficeResult & Partial<T>> {
  return new Promise((resolve) => {
    try {
      ask(resolve)
    } catch {
      resolve({ status: "failed" } as OfficeResult & Partial<T>)
    }
  })
}
