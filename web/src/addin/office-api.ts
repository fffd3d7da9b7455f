/** Answer of Office.js to a call. */
export interface OfficeResult {
  readonly status: string
}

/** The mail that Outlook shows or writes; what is there depends on which of the two it is. */
export interface OfficeItem {
  /** Reading: the sender. Writing: an object without an address. */
  readonly from?: { readonly emailAddress?: string; readonly displayName?: string }
  readonly body: { setSelectedDataAsync?(data: string, options: { coercionType: "html" | "text" }, done: (result: OfficeResult) => void): void; getTypeAsync?(done: (result: OfficeResult & { readonly value?: string }) => void): void }
  addFileAttachmentAsync?(url: string, name: string, done: (result: OfficeResult) => void): void
}

/** What `displayNewMessageForm` takes: its HTML has at most 32 KB, attachments are fetched by Outlook from their addresses. */
export interface OfficeMessageForm {
  readonly subject: string
  readonly htmlBody: string
  readonly attachments: readonly { readonly type: "file"; readonly name: string; readonly url: string }[]
}

/** As much of Office.js (Mailbox 1.3 and up) as the task pane uses. */
export interface OfficeApi {
  onReady(): PromiseLike<{ readonly host: unknown }>
  readonly context?: {
    readonly displayLanguage?: string
    readonly partitionKey?: string
    readonly diagnostics?: { readonly platform?: unknown }
    readonly officeTheme?: { readonly bodyBackgroundColor?: string }
    readonly requirements?: { isSetSupported(name: string, version: string): boolean }
    readonly ui?: { openBrowserWindow?(url: string): void }
    readonly mailbox?: {
      readonly userProfile?: { readonly emailAddress?: string }
      readonly item?: OfficeItem | null
      displayNewMessageForm?(form: OfficeMessageForm): void
      addHandlerAsync?(event: "olkItemSelectedChanged" | "officeThemeChanged", handler: () => void): void
    }
  }
}

declare global {
  interface Window {
    Office?: OfficeApi
  }
}
