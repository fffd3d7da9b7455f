import { readFile } from "node:fs/promises"
import type { Download } from "@playwright/test"
import { unzip } from "../../server/test/support/unzip.ts"
import { htmlLetter } from "../messages/html.ts"
import { htmlContent, newId, oddLetter } from "../messages/odd.ts"
import { plainLetter } from "../messages/plain.ts"
import { ControlPanel } from "../pages/control-panel.ts"
import { WebmailPage } from "../pages/webmail-page.ts"
import { expectAccessible } from "../stack/axe.ts"
import { ben, Company } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeAll(async ({ stack }) => {
  const company = new Company(stack)
  await company.calm()
  await company.force("emergency")
})

test.afterAll(({ stack }) => new Company(stack).calm())

async function bytesOf(download: Promise<Download>): Promise<Buffer> {
  return readFile(await (await download).path())
}

test("a conversation: what joins it is told, answered within, one of it deleted", async ({ page, signedIn, company }) => {
  const ids = [newId(), newId(), newId(), newId()]
  const part = (n: number, text: string) => oddLetter(ben, `${n > 0 ? "Re: " : ""}Werkstattumzug`, { id: ids[n] ?? "", answers: ids.slice(0, n), date: new Date(Date.now() - (10 - n) * 60_000), content: `Content-Type: text/plain; charset=utf-8\n\n${text}` })
  await company.send(part(0, "Wann ziehen wir um?"))
  await signedIn(ben)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Werkstattumzug")
  const mails = mail.reader.getByRole("article", { name: /^E-Mail von / })

  await test.step("a newer one is announced, and nothing moves", async () => {
    await company.send(part(1, "Am besten im Mai."))
    await expect(mail.reader.getByRole("status").filter({ hasText: "Zu dieser E-Mail gehört noch eine weitere." })).toBeVisible()
    await expect(mail.reader.getByText("Wann ziehen wir um?")).toBeVisible()
    await expect(mail.list.getByRole("option", { name: /Unterhaltung mit 2 E-Mails/ })).toHaveAttribute("aria-current", "true")
    await mail.reader.getByRole("button", { name: "Unterhaltung zeigen" }).click()
    await expect(mails).toHaveCount(2)
    await expect(mail.reader.getByText("Am besten im Mai.")).toBeVisible()
  })
  await test.step("one that comes while it is open joins at its end", async () => {
    await company.send(part(2, "Der Mai passt."))
    await expect(mails).toHaveCount(3)
    await expect(mail.reader.getByText("Wann ziehen wir um?")).toBeVisible()
    await expectAccessible(page, "a conversation", false)
    await page.setViewportSize({ width: 1280, height: 400 })
    expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight), "only the pane scrolls, never the page").toBeLessThanOrEqual(0)
    await page.setViewportSize({ width: 1280, height: 800 })
  })
  await test.step("an answer from within joins it, too", async () => {
    await mails.nth(2).getByRole("button", { name: "Antworten", exact: true }).click()
    await expect(page.getByRole("textbox", { name: "Text der E-Mail" })).toBeFocused()
    await page.keyboard.type("Dann im Mai.")
    await page.keyboard.press("Control+Enter")
    await expect(mails).toHaveCount(4)
    await expect(mails.nth(3)).toHaveAccessibleName(/^E-Mail von Ben /)
    await expect(mails.nth(3)).toContainText("Gesendet")
  })
  await test.step("deleting one keeps the others open", async () => {
    await mails.nth(0).getByRole("button", { name: "Nur diese E-Mail löschen" }).click()
    await expect(mails).toHaveCount(3)
    await expect(mail.reader.getByText("Am besten im Mai.")).toBeVisible()
    await expect(mail.list.getByRole("option", { name: /Unterhaltung mit 2 E-Mails/ })).toBeVisible()
  })
  await test.step("opened again, what was read is folded; without conversations each is by itself", async () => {
    await page.reload()
    await expect(mails.nth(0).getByRole("button", { expanded: true }).first()).toBeVisible()
    await mail.view("Unterhaltungen zusammenfassen")
    await page.keyboard.press("Escape")
    await expect(mail.mail("Werkstattumzug")).toHaveCount(2)
    await mail.mail("Werkstattumzug").first().click()
    await expect(mail.reader.getByText("Der Mai passt.")).toBeVisible()
    await expect(mails).toHaveCount(0)
  })
  await company.calm()
  await company.force("emergency")
})

test("who deceives is told, whoever is checked has a badge with its reasons", async ({ page, signedIn, company }) => {
  await company.send(oddLetter(ben, "Dringende Zahlung", { from: `"ben@example.com via Portal" <x@examp1e.com>`, fields: ["Reply-To: Kasse <kasse@anderswo.example>"] }))
  await company.send(oddLetter(ben, "Von rechts nach links", { from: `=?utf-8?B?${Buffer.from("Chef \u202emoc.elpmaxe@nna").toString("base64")}?= <x@elsewhere.example>` }))
  await signedIn(ben)
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Dringende Zahlung")
  const warnings = mail.reader.getByRole("status").getByRole("list", { name: "Warnungen zum Absender" }).getByRole("listitem")
  await expect(warnings).toHaveText([/Der Name nennt eine andere Adresse: Die E-Mail kommt von x@examp1e\.com/, /sieht einer bekannten Adresse ähnlich/, /Ihre Antwort ginge an kasse@anderswo\.example/])
  await mail.read("Von rechts nach links")
  await expect(mail.reader.getByText("Chef moc.elpmaxe@nna")).toBeVisible()
  expect(await mail.reader.innerText()).not.toContain("\u202e")

  // No name server answers here, so that the result itself is put in.
  let authentication = { result: "pass", domain: "nordlicht.example", spf: "pass", dkim: "pass", dmarc: "pass" }
  await page.route(/\/api\/mail\/folders\/\w+\/messages\/\d+$/, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...(await answer.json() as object), authentication } })
  })
  for (const [subject, result, badge, reason] of [["Geprüft und gut", "pass", "Absender bestätigt", "Die E-Mail kommt nachweislich von nordlicht.example."], ["Geprüft und schlecht", "fail", "Absender nicht bestätigt", "diese E-Mail hat keinen gültigen"]] as const) {
    authentication = { ...authentication, result, dmarc: result }
    await company.send(plainLetter(ben, subject))
    await mail.read(subject)
    await mail.reader.getByRole("button", { name: badge, exact: true }).click()
    const proof = page.getByRole("dialog", { name: badge, exact: true })
    await expect(proof).toContainText(reason)
    await expect(proof).toContainText(`DMARC${result}`)
    await page.keyboard.press("Escape")
  }
})

test("a mail that cannot be opened right now opens by itself once that works again", async ({ page, signedIn, company }) => {
  await company.send(plainLetter(ben, "Gleich wieder da"))
  await signedIn(ben)
  const mail = new WebmailPage(page)
  await mail.open()
  const opened = /\/api\/mail\/folders\/\w+\/messages\/\d+$/
  await page.route(opened, (route) => route.fulfill({ status: 503, json: { code: "mailbox-unavailable", message: "" } }))
  await mail.mail("Gleich wieder da").click()
  await expect(mail.reader.getByRole("alert")).toContainText("Die Postfächer sind gerade nicht erreichbar.")
  await page.unroute(opened)
  await expect(mail.reader.getByText("bitte melden Sie sich.")).toBeVisible({ timeout: 25_000 })
  await expect(mail.reader.getByRole("alert")).toHaveCount(0)
})

test("what is found out about the sender while the mail is read is said, and the text stays where it is read", async ({ page, signedIn, company }) => {
  const long = Array.from({ length: 120 }, (_, n) => `<p>Absatz ${n}</p>`).join("")
  await company.send(oddLetter(ben, "Spät geprüft, kurz", { content: "Content-Type: text/plain; charset=utf-8\n\nNur ein Satz." }))
  await company.send(oddLetter(ben, "Spät geprüft, lang", { content: htmlContent(long) }))
  await signedIn(ben)
  const mail = new WebmailPage(page)
  const late = { authentication: { result: "fail", domain: "example.com", spf: "none", dkim: "none", dmarc: "fail" }, warnings: ["own-domain-unproven", "reply-elsewhere"] }
  let known: object = { authentication: null, warnings: [] }
  await page.route(/\/api\/mail\/folders\/\w+\/messages\/\d+$/, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, json: { ...(await answer.json() as object), ...known } })
  })
  const warnings = mail.reader.getByRole("status").getByRole("list", { name: "Warnungen zum Absender" })
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 })
    for (const [subject, text, down] of [["Spät geprüft, kurz", "Nur ein Satz.", 0], ["Spät geprüft, lang", "Absatz 3", 0], ["Spät geprüft, lang", "Absatz 40", 1_000]] as const) {
      await test.step(`${subject}, ${down} down, ${width} wide`, async () => {
        known = { authentication: null, warnings: [] }
        await mail.open()
        await mail.read(subject)
        const read = down === 0 && subject.endsWith("kurz") ? mail.reader.getByText(text, { exact: true }) : mail.frame.contentFrame().getByText(text, { exact: true })
        await expect(read).toBeVisible()
        await mail.reader.locator("[tabindex='0']").first().evaluate((scroller, by) => scroller.scrollBy(0, by), down)
        const before = await read.boundingBox()
        known = late
        await expect(warnings.getByRole("listitem")).toHaveCount(2)
        await expect(mail.reader.getByRole("button", { name: "Absender nicht bestätigt" })).toBeAttached()
        await expect.poll(async () => Math.abs(((await read.boundingBox())?.y ?? -1_000) - (before?.y ?? 0))).toBeLessThan(2)
        if (down === 0) await expect(warnings).toBeInViewport({ ratio: 0.5 })
        else await expect(new ControlPanel(page).notice("Zu dieser E-Mail gibt es eine Warnung")).toBeVisible()
      })
    }
  }
})

test("paper shows head and text on white, and no mail covers its head", async ({ page, signedIn, company }) => {
  await company.send(oddLetter(ben, "Druckprobe", { from: "Maria Lindqvist <maria@nordlicht.example>", content: htmlContent(`<style>:host{display:block;margin-top:-160px!important;opacity:.99}</style><div style="float:left;width:100%;margin-top:-160px;opacity:.99;background:#fff"><h1>Gefälscht</h1><p>Von: Chef &lt;chef@example.com&gt;</p></div><p style="clear:both">Der Brief selbst.</p>`) }))
  await signedIn(ben)
  await page.emulateMedia({ colorScheme: "dark" })
  const mail = new WebmailPage(page)
  await mail.open()
  await mail.read("Druckprobe")
  await mail.actions.getByRole("button", { name: "Weitere Aktionen" }).click()
  const asked = page.waitForRequest(/[?&]print=true/)
  await page.getByRole("menuitem", { name: "Drucken" }).click()
  const paper = await page.context().newPage()
  await paper.goto((await asked).url())
  await paper.emulateMedia({ media: "print", colorScheme: "dark" })
  await expect(paper.getByRole("heading", { name: "Druckprobe" })).toBeVisible()
  for (const line of ["Maria Lindqvist <maria@nordlicht.example>", ben]) {
    const value = paper.getByText(line, { exact: true })
    expect(await value.evaluate((element) => {
      const { left, top } = element.getBoundingClientRect()
      return document.elementFromPoint(left + 5, top + 5) === element
    }), `${line} is on top`).toBe(true)
  }
  await expect(paper.getByText("Der Brief selbst.")).toBeVisible()
  await expect(paper.getByRole("button")).toHaveCount(0)
  await expect(paper.locator("html")).toHaveCSS("background-color", "rgb(255, 255, 255)")
  await paper.close()
  await page.emulateMedia({ media: "print", colorScheme: "dark" })
  await expect(page.locator("html")).toHaveCSS("background-color", "rgb(255, 255, 255)")
  await expect(mail.reader.getByRole("button").filter({ visible: true, hasNotText: /Absender/ })).toHaveCount(0)
  await expect(mail.frame.contentFrame().locator("html")).toHaveCSS("color", "rgb(26, 26, 26)")
})

test("the menu of a row, by pointer and by keyboard, a window of its own, several as a zip", async ({ page, signedIn, company }) => {
  for (const n of [1, 2, 3, 4]) await company.send(htmlLetter(ben, `Menü ${n}.`))
  await signedIn(ben)
  const mail = new WebmailPage(page)
  const panel = new ControlPanel(page)
  await mail.open()
  const menu = page.getByRole("menu", { name: /^Aktionen für „Menü / })
  const choose = async (subject: string, action: string) => {
    await mail.mail(subject).click({ button: "right" })
    await page.getByRole("menuitem", { name: action, exact: true }).click()
    await expect(page.getByRole("menu")).toHaveCount(0)
  }
  await test.step("marks, folders, deleting", async () => {
    await choose("Menü 1.", "Als gelesen markieren")
    await expect(mail.mail("Menü 1.")).not.toContainText("ungelesen")
    await choose("Menü 1.", "Markieren")
    await expect(mail.mail("Menü 1.").getByRole("img", { name: "markiert" })).toBeVisible()
    await mail.mail("Menü 1.").click({ button: "right" })
    await expectAccessible(page, "the menu of a row", false)
    await page.getByRole("menuitem", { name: "Verschieben nach" }).press("ArrowRight")
    await page.getByRole("menuitem", { name: "Spam" }).press("Enter")
    await expect(mail.mail("Menü 1.")).toHaveCount(0)
    await choose("Menü 2.", "Löschen")
    await expect(mail.mail("Menü 2.")).toHaveCount(0)
    await panel.notice("In den Papierkorb verschoben.").locator("..").getByRole("button", { name: "Rückgängig" }).click()
    await expect(mail.mail("Menü 2.")).toBeVisible()
  })
  await test.step("by keyboard, and the focus comes back to the list", async () => {
    await mail.list.focus()
    await page.keyboard.press("Home")
    await page.keyboard.press("Shift+F10")
    await expect(menu).toHaveAccessibleName("Aktionen für „Menü 4.“ von Maria Lindqvist")
    await page.keyboard.press("Escape")
    await expect(mail.list).toBeFocused()
  })
  await test.step("a window of its own has the keys, keeps a letter, and closes with its mail", async () => {
    const opened = page.waitForEvent("popup")
    await choose("Menü 3.", "In eigenem Fenster öffnen")
    const own = await opened
    await expect(own).toHaveTitle(/Menü 3\. – Lifeboat$/)
    await expect(own.getByRole("heading", { level: 2, name: "Menü 3." })).toBeVisible()
    await expect(own.getByRole("navigation")).toHaveCount(0)
    await own.keyboard.press("r")
    await expect(own.getByRole("textbox", { name: "Text der E-Mail" })).toBeFocused()
    await own.keyboard.press("Escape")
    await expect(own.getByRole("textbox", { name: "Text der E-Mail" })).toHaveCount(0)
    const closed = own.waitForEvent("close")
    await own.keyboard.press("Delete")
    await closed
    await expect(mail.mail("Menü 3.")).toHaveCount(0)
  })
  await test.step("the selected ones as a zip, here and in the workspace; one as .eml", async () => {
    await mail.box("Menü 2.").click()
    await mail.box("Menü 4.").click()
    await mail.mail("Menü 2.").click({ button: "right" })
    await expect(page.getByRole("menuitem", { name: "Antworten" })).toHaveCount(0)
    await page.keyboard.press("Escape")
    const zip = page.waitForEvent("download")
    await mail.selection.getByRole("link", { name: /zip/i }).click()
    const files = unzip(await bytesOf(zip))
    expect(files.map(({ name }) => name.slice(11)).toSorted()).toEqual(["Menü 2.eml", "Menü 4.eml"])
    expect(files[0]?.content.toString()).toContain("From: Maria Lindqvist")
    await page.keyboard.press("Escape")
    await mail.read("Menü 4.")
    await mail.actions.getByRole("button", { name: "Weitere Aktionen" }).click()
    const eml = page.waitForEvent("download")
    await page.getByRole("menuitem", { name: /\.eml/ }).click()
    expect((await bytesOf(eml)).toString()).toContain("Message-ID: <")
    const ids = (await company.as(ben)<{ items: { id: string }[] }>("GET", "/api/archive?q=subject:Men%C3%BC")).items.map(({ id }) => id)
    const archived = unzip(Buffer.from(await (await page.request.get(`/api/archive/zip?ids=${ids.slice(0, 2).join(",")}`)).body()))
    expect(archived.map(({ name }) => name)).toEqual([expect.stringMatching(/Menü \d \w+\.eml$/), expect.stringMatching(/Menü \d \w+\.eml$/)])
  })
})

test("bad mails are shown as far as they can be, and nothing stands still", async ({ page, signedIn, company }) => {
  await signedIn(ben)
  const mail = new WebmailPage(page)
  await mail.open()
  const shown = async (subject: string, content: string, from?: string) => {
    await company.send(oddLetter(ben, subject, { content, ...(from === undefined ? {} : { from }) }))
    await mail.read(subject)
  }
  const text = (words: string) => expect(mail.reader.getByText(words, { exact: true })).toBeVisible()
  await test.step("no charset, a wrong one, raw bytes in the header, a multipart without boundary, nothing at all", async () => {
    await shown("Ohne Zeichensatz", "Content-Type: text/plain\nContent-Transfer-Encoding: 8bit\n\nGrüße aus Köln")
    await text("Grüße aus Köln")
    await shown("Falscher Zeichensatz", "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\nSchöne Grüße – 5 €", "Märia Müller <maria@nordlicht.example>")
    await text("Schöne Grüße – 5 €")
    await text("Märia Müller")
    await shown("Keine Grenze", "Content-Type: multipart/mixed\n\nDas steht hier.")
    await text("Das steht hier.")
    await shown("Fremde Grenze", 'Content-Type: multipart/mixed; boundary="A"\n\nDas steht trotzdem hier.')
    await text("Das steht trotzdem hier.")
    await expect(mail.mail("Ohne Zeichensatz")).toContainText("Grüße aus Köln")
    await shown("Verschlüsselt", 'Content-Type: multipart/encrypted; boundary="A"\n\n--A\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--A\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--A--')
    await expect(mail.reader.getByText(/verschlüsselt oder versiegelt \(PGP\)/)).toBeVisible()
    await shown("Gar nichts", "")
    await text("Diese E-Mail hat keinen Text.")
  })
  await test.step("a subject, a name and a file name of 10,000 characters", async () => {
    await shown("Zehntausend Zeichen", `Content-Type: text/plain; name*=utf-8''${"n".repeat(10_000)}.txt\nContent-Disposition: attachment; filename*=utf-8''${"n".repeat(10_000)}.txt\n\nx`, `${"Name ".repeat(180)}\n ${"Name ".repeat(180)} <maria@nordlicht.example>`)
    await expect(mail.reader.getByRole("region", { name: "Anhänge" })).toBeInViewport()
    await company.send(oddLetter(ben, `Betreff ${Array.from({ length: 1_200 }, (_, n) => `wort${n}`).join("\n ")}`, { content: "Content-Type: text/plain\n\nDas liest man noch." }))
    await mail.mail("Betreff wort0").click()
    await expect(mail.reader.getByText("Das liest man noch.")).toBeInViewport()
  })
  await test.step("tables within tables as text, very long HTML in part, and all of it on request", async () => {
    await shown("Tabellen", htmlContent(`${"<table><tr><td>".repeat(5_000)}ganz innen`))
    await expect(mail.frame.contentFrame().getByText("ganz innen")).toBeVisible()
    await expect(mail.frame.contentFrame().getByText(/zu umfangreich, um sie in ihrer Gestaltung zu zeigen/)).toBeVisible()
    await shown("Fünf Megabyte", htmlContent(`<p>Anfang</p>${`<p>${"Wort ".repeat(200)}</p>`.repeat(4_900)}<p>Ende der langen E-Mail</p>`))
    await expect(mail.frame.contentFrame().getByText("Anfang", { exact: true })).toBeVisible()
    const whole = page.waitForEvent("popup")
    await mail.frame.contentFrame().getByRole("link", { name: "Ganz in eigenem Fenster zeigen" }).click()
    await mail.read("Tabellen")
    await expect((await whole).getByText("Ende der langen E-Mail")).toBeAttached()
  })
})

test("a mail stands there in its full height in the first frame in which it is seen", async ({ page, signedIn, company }) => {
  const lines = (n: number) => Array.from({ length: n }, (_, line) => `<p>Zeile ${line + 1} der Liste</p>`).join("")
  await company.send(htmlLetter(ben, "Lange Liste", lines(60)))
  await company.send(htmlLetter(ben, "Kurze Liste", lines(6)))
  await signedIn(ben)
  const mail = new WebmailPage(page)
  await mail.open()
  for (const subject of ["Kurze Liste", "Lange Liste"]) {
    // Begun anew, so that nothing was fetched ahead.
    await page.reload()
    await expect(mail.mail(subject)).toBeVisible()
    const heights = page.evaluate(async (wanted) => {
      const seen: number[] = []
      for (let frames = 0; frames < 600 && seen.length < 20; frames++) {
        await new Promise(requestAnimationFrame)
        const reader = document.querySelector("[data-reading]")
        const frame = reader?.querySelector("iframe")
        const shown = reader?.querySelector("h2")?.textContent === wanted && frame?.contentDocument?.readyState === "complete" && frame.checkVisibility()
        if (frame && shown && frame.contentDocument.body.innerText.includes("Zeile 1")) seen.push(Math.round(frame.getBoundingClientRect().height))
      }
      return seen
    }, subject)
    await mail.mail(subject).click()
    const all = await heights
    expect(all.length, subject).toBe(20)
    expect([...new Set(all)], subject).toEqual([all.at(-1)])
  }
})
