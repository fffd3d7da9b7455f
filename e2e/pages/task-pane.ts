import { expect, type BrowserContext, type FrameLocator, type Locator, type Page } from "@playwright/test"

/** The mail beside the pane, and how Outlook looks. */
export interface OutlookMock {
  readonly item: { readonly kind: "reading"; readonly sender: string } | { readonly kind: "writing"; readonly format: "html" | "text" }
  readonly language: string
  /** Background of Outlook's theme. */
  readonly background: string
  /** Where the pane asks for a window of its own: false, as in an Outlook that cannot. */
  readonly canWriteNew?: boolean
}

/** What the pane asked Outlook for. */
export interface OutlookCalls {
  readonly forms: readonly { readonly subject: string; readonly htmlBody: string; readonly attachments: readonly { readonly name: string; readonly url: string }[] }[]
  readonly inserted: readonly { readonly data: string; readonly type: string }[]
}

/** Puts an Outlook into every page of a browser, as Office.js would: no request to Microsoft. */
export async function mockOutlook(context: BrowserContext, mock: OutlookMock): Promise<void> {
  await context.addInitScript((given: OutlookMock) => {
    const calls: { forms: unknown[]; inserted: unknown[] } = { forms: [], inserted: [] }
    const handlers = new Map<string, () => void>()
    const itemOf = (item: OutlookMock["item"]) =>
      item.kind === "reading"
        ? { from: { emailAddress: item.sender, displayName: item.sender }, body: { getTypeAsync: () => undefined } }
        : {
            from: { getAsync: () => undefined },
            body: {
              getTypeAsync: (done: (result: object) => void) => done({ status: "succeeded", value: item.format }),
              setSelectedDataAsync: (data: string, { coercionType }: { coercionType: string }, done: (result: object) => void) => {
                calls.inserted.push({ data, type: coercionType })
                done({ status: "succeeded" })
              },
            },
          }
    const mailbox = {
      userProfile: { emailAddress: "anna@example.com" },
      item: itemOf(given.item),
      addHandlerAsync: (event: string, handler: () => void) => void handlers.set(event, handler),
      ...(given.canWriteNew === false ? {} : { displayNewMessageForm: (form: object) => void calls.forms.push(form) }),
    }
    Object.assign(window, {
      outlookCalls: calls,
      selectInOutlook: (item: OutlookMock["item"]) => {
        mailbox.item = itemOf(item)
        handlers.get("olkItemSelectedChanged")?.()
      },
      Office: {
        onReady: () => Promise.resolve({ host: "Outlook", platform: "OfficeOnline" }),
        context: { displayLanguage: given.language, partitionKey: "", diagnostics: { platform: "OfficeOnline" }, officeTheme: { bodyBackgroundColor: given.background }, requirements: { isSetSupported: () => false }, ui: {}, mailbox },
      },
    })
  }, mock)
}

/** The task pane of the Outlook add-in; German unless Outlook is English. */
export class TaskPane {
  readonly at: Page | FrameLocator
  readonly code: Locator
  readonly connect: Locator
  readonly search: Locator
  readonly items: Locator
  readonly frame: FrameLocator

  constructor(at: Page | FrameLocator) {
    this.at = at
    this.code = at.getByLabel("Code", { exact: true })
    this.connect = at.getByRole("button", { name: /^(?:Verbinden|Connect)$/ })
    this.search = at.getByRole("searchbox", { name: /^(?:Suchen|Search)$/ })
    this.items = at.getByRole("region", { name: /^(?:Archiv|Archive)$/ }).getByRole("listitem")
    this.frame = at.frameLocator("iframe")
  }

  mail(subject: string): Locator {
    return this.items.filter({ hasText: subject }).first().getByRole("button")
  }

  action(name: string): Locator {
    return this.at.getByRole("toolbar").getByRole("button", { name })
  }

  async read(subject: string): Promise<void> {
    await this.mail(subject).click()
    await expect(this.at.getByRole("heading", { level: 2, name: subject })).toBeFocused()
  }
}

/** What the pane asked the mocked Outlook for so far. */
export function outlookCalls(page: Page): Promise<OutlookCalls> {
  return page.evaluate(() => Reflect.get(window, "outlookCalls") as OutlookCalls)
}

/** Another mail is chosen beside a pinned pane. */
export function selectInOutlook(page: Page, item: OutlookMock["item"]): Promise<void> {
  return page.evaluate((chosen) => (Reflect.get(window, "selectInOutlook") as (item: object) => void)(chosen), item)
}
