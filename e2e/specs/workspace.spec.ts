import { plainLetter } from "../messages/plain.ts"
import { expectAccessible } from "../stack/axe.ts"
import { anna } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.beforeEach(({ company }) => company.calm())

const subject = "Noch einmal bitte"

test("find a mail of the last 90 days and have it delivered again, twice", async ({ page, signedIn, company }) => {
  const arrived = async () => (await company.atPrimary(anna)).filter((each) => each.subject === subject).length
  await company.send(plainLetter(anna, subject, "Ein Text mit dem Wort Klabautermann."))
  await expect.poll(arrived).toBe(1)
  await signedIn(anna)
  await page.goto("/archive")
  await expect(page.getByRole("heading", { name: "Arbeitsbereich" })).toBeVisible()
  await page.getByRole("searchbox", { name: "Suchen" }).fill(subject)
  const found = page.getByRole("list", { name: "E-Mails im Arbeitsbereich" }).getByRole("listitem").filter({ hasText: subject })
  await expect(found).toHaveCount(1)
  await found.getByRole("link").first().click()
  const reading = page.getByRole("region", { name: "Lesebereich" })
  await expect(reading.getByText("Ein Text mit dem Wort Klabautermann.")).toBeVisible()
  const panel = page.getByRole("region", { name: "Erneute Zustellung" })
  for (const times of [2, 3]) {
    await reading.getByRole("button", { name: "Erneut zustellen" }).click()
    const question = page.getByRole("alertdialog")
    await expect(question).toContainText("Diese E-Mail erneut zustellen?")
    await expect(question).toContainText("1 empfangene noch einmal an Sie (anna@example.com)")
    await question.getByRole("button", { name: "Erneut zustellen" }).click()
    await expect.poll(arrived).toBe(times)
    await expect(panel).toContainText(/Liegt auf Ihrem normalen Mailserver, seit/)
  }
  const download = page.waitForEvent("download")
  await reading.getByRole("button", { name: "Weitere Aktionen" }).click()
  await page.getByRole("menuitem", { name: "Als .eml herunterladen" }).click()
  expect((await download).suggestedFilename()).toMatch(/\.eml$/)
})

test("many at once: chosen by mouse and keys, one of them fails, the others arrive, each says what became of it", async ({ page, signedIn, company }) => {
  const subjects = ["Mehrere 1", "Mehrere 2", "Mehrere 3", "Mehrere 4"]
  const arrived = async () => (await company.atPrimary(anna)).filter((each) => subjects.includes(each.subject)).length
  for (const each of subjects) await company.send(plainLetter(anna, each))
  await expect.poll(arrived).toBe(4)
  await signedIn(anna)
  await page.goto("/archive?q=Mehrere")
  const list = page.getByRole("list", { name: "E-Mails im Arbeitsbereich" })
  await expect(list.getByRole("listitem")).toHaveCount(4)

  await list.getByRole("checkbox", { name: "Auswählen: Mehrere 4" }).click()
  await list.getByRole("checkbox", { name: "Auswählen: Mehrere 2" }).click({ modifiers: ["Shift"] })
  await expect(page.getByText("3 ausgewählt")).toBeVisible()
  await list.getByRole("listitem").filter({ hasText: "Mehrere 2" }).getByRole("link").first().focus()
  await page.keyboard.press("ArrowDown")
  await page.keyboard.press("Space")
  await expect(page.getByText("4 ausgewählt")).toBeVisible()
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    await expectAccessible(page, `a selection, ${colorScheme}`, colorScheme === "dark")
  }
  const download = page.waitForEvent("download")
  await page.getByRole("link", { name: "Als .zip herunterladen" }).click()
  expect((await download).suggestedFilename()).toBe("mails.zip")

  await page.route("**/api/archive/redeliver", async (route) => {
    const { ids } = route.request().postDataJSON() as { ids: string[] }
    // One of them is a mail that is gone by the time it is asked for.
    const response = await route.fetch({ postData: JSON.stringify({ ids: ids.map((id, at) => (at === 1 ? "0".repeat(24) : id)) }) })
    const { items } = (await response.json()) as { items: object[] }
    await route.fulfill({ response, json: { items: items.map((item, at) => ({ ...item, id: ids[at] })) } })
  })
  await page.getByRole("toolbar", { name: "4 ausgewählt" }).getByRole("button", { name: "Erneut zustellen" }).click()
  await page.getByRole("alertdialog").getByRole("button", { name: "Erneut zustellen" }).click()
  const panel = page.getByRole("region", { name: "Erneute Zustellung" })
  await expect(panel.getByRole("listitem")).toHaveCount(4)
  await expect.poll(arrived).toBe(7)
  await expect(panel.getByText(/Liegt auf Ihrem normalen Mailserver, seit/)).toHaveCount(3)
  await expect(panel.getByText("Das gibt es nicht (mehr).")).toBeVisible()
  await expect(panel.getByRole("status")).toHaveText("3 auf dem Weg oder zugestellt, eine nicht möglich.")
  await panel.getByRole("link").first().click()
  await expect(page.getByRole("region", { name: "Weg der E-Mail" })).toContainText("Jemand hat sie erneut zustellen lassen.")
})

test("all that a search finds, more than is loaded, is delivered again by the server, each once", async ({ page, signedIn, company }) => {
  const count = 103
  const subjects = Array.from({ length: count }, (_, n) => `Sammelsurium ${n}`)
  for (let at = 0; at < count; at += 20) await Promise.all(subjects.slice(at, at + 20).map((each) => company.send(plainLetter(anna, each))))
  await signedIn(anna)
  await page.goto("/archive?q=Sammelsurium")
  const list = page.getByRole("list", { name: "E-Mails im Arbeitsbereich" })
  await expect(list.getByRole("listitem").first()).toBeVisible()
  await page.getByRole("checkbox", { name: "Alle geladenen auswählen" }).check()
  await page.getByRole("button", { name: "Alle 103 gefundenen auswählen" }).click()
  const toolbar = page.getByRole("toolbar", { name: "103 ausgewählt" })
  await expect(toolbar.getByRole("link", { name: "Als .zip herunterladen" })).toHaveAttribute("href", /\/api\/archive\/zip\/found\?.*q=Sammelsurium/)
  await toolbar.getByRole("button", { name: "Erneut zustellen" }).click()
  await expect(page.getByRole("alertdialog")).toContainText("103 empfangene noch einmal an Sie (anna@example.com)")
  await page.getByRole("alertdialog").getByRole("button", { name: "Erneut zustellen" }).click()
  const bar = page.getByRole("region", { name: "Erneute Zustellung" })
  await expect(bar.getByRole("status")).toHaveText("Fertig: 103 E-Mails werden erneut zugestellt.", { timeout: 30_000 })
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" })
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
    await expectAccessible(page, `a job's result, ${colorScheme}`, colorScheme === "dark")
  }
  const times = async () => Object.values(Object.groupBy((await company.atPrimary(anna)).filter(({ subject: each }) => each.startsWith("Sammelsurium ")), ({ subject: each }) => each)).map((same) => same?.length)
  await expect.poll(times, { timeout: 30_000 }).toEqual(subjects.map(() => 2))
  await bar.getByRole("button", { name: "Schließen" }).click()
  await expect(bar).toHaveCount(0)
})

test("a day is jumped to, and the filters stand in the address", async ({ page, signedIn, company }) => {
  await company.send(plainLetter(anna, "Von heute"))
  await signedIn(anna)
  await page.goto("/archive")
  const list = page.getByRole("list", { name: "E-Mails im Arbeitsbereich" })
  await expect(list.getByText("Von heute").first()).toBeVisible()
  const day = page.getByRole("textbox", { name: "Zum Tag springen" })
  await expect(day).toHaveAttribute("placeholder", "TT.MM.JJJJ")
  await expect(day).toHaveAccessibleDescription(/zum Beispiel 23\.11\.2026/)
  const [year, month, date] = new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10).split("-")
  await day.fill("31.2.")
  await day.press("Enter")
  await expect(page.getByRole("alert")).toHaveText("Bitte einen Tag als TT.MM.JJJJ angeben.")
  await expect(list.getByText("Von heute").first()).toBeVisible()
  await day.fill(`${Number(date)}.${Number(month)}.`)
  await day.press("Enter")
  await expect(day).toHaveValue(`${date}.${month}.${year}`)
  await expect(list.getByText("Von heute")).toHaveCount(0)
  await company.as(anna)("PUT", "/api/session", { language: "en" })
  await page.reload()
  const english = page.getByRole("textbox", { name: "Jump to a day" })
  await expect(english).toHaveValue(`${date}/${month}/${year}`)
  await english.fill("")
  await english.blur()
  await expect(english).toHaveAttribute("placeholder", "DD/MM/YYYY")
  await expect(page.getByText("Von heute").first()).toBeVisible()
  await company.as(anna)("PUT", "/api/session", { language: "de" })
  await page.reload()
  await page.getByLabel("Richtung").selectOption({ label: "Gesendet" })
  await expect(page).toHaveURL(/part=sent/)
  await expect(list.getByText("Von heute")).toHaveCount(0)
  await page.reload()
  await expect(page.getByLabel("Richtung")).toHaveValue("sent")
})

test("nobody opens somebody else's mail by its address", async ({ page, signedIn, company }) => {
  const id = await company.send(plainLetter("ben@example.com", "Nur für Ben"))
  await signedIn(anna)
  for (const place of ["archive", "trail"]) {
    await page.goto(`/${place}/${id}`)
    await expect(page.getByRole("alert")).toContainText("Das gibt es nicht (mehr).")
    await expect(page.getByText("Nur für Ben")).toHaveCount(0)
  }
})
