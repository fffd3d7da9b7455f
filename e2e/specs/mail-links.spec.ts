import { htmlLetter } from "../messages/html.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { anna, Company } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.force("emergency")
  await company.send(htmlLetter(anna, "Mit Verweisen", '<p>Guten Tag, <b>bitte lesen</b></p><p><a href="https://evil.example/pay">https://bank.example/</a></p><p><a href="mailto:otto@suedwind.example?subject=Frage">Otto schreiben</a></p>'))
})
test.afterAll(({ stack }) => new Company(stack).calm())

/** Safari calls no listeners in a page without scripts; here every mail's frame is made that deaf. */
function deafFrames(): void {
  const getter = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, "contentDocument")?.get
  Object.defineProperty(HTMLIFrameElement.prototype, "contentDocument", {
    get(this: HTMLIFrameElement) {
      const page = getter?.call(this) as Document | null
      if (page) page.addEventListener = () => undefined
      return page
    },
  })
}

for (const deaf of [false, true]) {
  test(`a link shows where it leads, an address begins a letter, keys work after a click${deaf ? ", where the frame calls no listeners" : ""}`, async ({ page, context, signedIn }) => {
    if (deaf) await context.addInitScript(deafFrames)
    await signedIn(anna)
    const mail = new WebmailPage(page)
    await mail.open()
    await mail.read("Mit Verweisen")
    const text = mail.frame.contentFrame()
    await text.getByRole("link", { name: "https://bank.example/" }).hover()
    await expect(mail.reader.getByText("evil.example/pay")).toBeVisible()
    await expect(mail.reader.getByText("Der Text nennt eine andere Adresse.")).toBeVisible()
    await text.getByText("Guten Tag").hover()
    await expect(mail.reader.getByText("evil.example/pay")).toHaveCount(0)
    // What is selected to be copied stays so.
    await text.getByText("bitte lesen").dblclick()
    await text.getByRole("link", { name: "https://bank.example/" }).hover()
    await expect(mail.reader.getByText("evil.example/pay")).toBeVisible()
    expect(await mail.frame.evaluate((frame: HTMLIFrameElement) => [document.activeElement === frame, frame.contentDocument?.getSelection()?.toString().trim()])).toEqual([true, expect.stringMatching(/^(?:bitte|lesen)$/)])
    await text.locator("p").first().click({ position: { x: 2, y: 2 } })
    if (deaf) await expect(mail.frame).not.toBeFocused()
    await page.keyboard.press("?")
    await expect(page.getByRole("dialog", { name: "Tastenkürzel" })).toBeVisible()
    await page.keyboard.press("Escape")
    const opened = deaf ? context.waitForEvent("page") : undefined
    await text.getByRole("link", { name: "Otto schreiben" }).click()
    const letter = new WebmailPage((await opened) ?? page).composer
    await expect(letter.getByLabel("Betreff")).toHaveValue("Frage")
    await expect(letter.getByText("otto@suedwind.example")).toBeVisible()
    await letter.getByRole("button", { name: "Verwerfen" }).click()
  })
}
