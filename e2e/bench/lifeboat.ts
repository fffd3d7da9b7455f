import type { Page } from "@playwright/test"
import type { Adapter } from "./adapter.ts"
import { shown } from "./stopwatch.ts"

/** Begins anew, so that nothing is shown from memory. */
async function forget(page: Page, base: string): Promise<void> {
  await page.goto(base)
  await shown(page, () => document.querySelector("[id^=mail-][role=option]:not([aria-label])") !== null)
}

/** Our own webmail. */
export function lifeboat(base: string, domain: string, password: string): Adapter {
  const searchField = (page: Page) => page.getByRole("search").getByRole("combobox")
  return {
    name: "lifeboat",
    base,
    formShown: () => {
      const field = document.querySelector("input[autocomplete=username]")
      return field !== null && field.getBoundingClientRect().height > 0
    },
    fillSignIn: async (page, box) => {
      await page.locator("input[autocomplete=username]").fill(`${box}@${domain}`)
      await page.locator("input[type=password]").fill(password)
    },
    submitSignIn: (page) => page.locator("input[type=password]").press("Enter"),
    firstRow: () => {
      const row = document.querySelector<HTMLElement>("[id^=mail-][role=option]:not([aria-label])")
      return row !== null && row.innerText.trim().length > 5 && row.getBoundingClientRect().height > 0
    },
    settled: () => document.querySelector("[id^=mail-][role=option]:not([aria-label])") !== null && document.querySelector("[role=listbox][aria-busy=true]") === null && document.querySelector("[data-found]") !== null,
    row: (page, n) =>
      page.evaluate((index) => {
        const rows = [...document.querySelectorAll<HTMLElement>("[id^=mail-][role=option]:not([aria-label])")].sort((a, b) => a.getBoundingClientRect().y - b.getBoundingClientRect().y)
        const list = document.querySelector("[role=listbox][aria-multiselectable]")?.getBoundingClientRect()
        const shown = rows.filter((row) => list !== undefined && row.getBoundingClientRect().top >= list.top && row.getBoundingClientRect().bottom <= list.bottom)
        const row = shown[index % shown.length]
        if (!row) throw new Error("There is no row on the screen.")
        const { x, y, height } = row.getBoundingClientRect()
        return { key: row.id, x: x + 120, y: y + height / 2 }
      }, n),
    bodyShown: (key) => {
      const reader = document.querySelector<HTMLElement>(`[data-reading="${key.slice("mail-".length)}"]`)
      if (!reader) return false
      const frame = reader.querySelector("iframe")
      const body = frame ? frame.contentDocument?.body : reader.querySelector<HTMLElement>(".whitespace-pre-wrap")
      return body !== null && body !== undefined && body.innerText.trim().length > 40 && (frame ?? body).getBoundingClientRect().height > 20
    },
    rowGone: (key) => document.getElementById(key) === null,
    remove: (page, key) =>
      Promise.resolve({
        event: "keydown",
        act: () => page.keyboard.press("Delete"),
        seen: (gone: string) => document.getElementById(gone) === null,
        argument: key,
      }),
    search: async (page, words) => {
      const typed = words.includes(" ") ? `"${words}` : words
      const field = searchField(page)
      await field.fill(typed.slice(0, -1))
      await page.waitForTimeout(400)
      await field.focus()
      await field.press("End")
      return {
        event: "keydown",
        act: () => page.keyboard.press(typed.slice(-1)),
        seen: (wanted: unknown) => document.querySelector<HTMLElement>("[data-found]")?.dataset["found"] === wanted && document.querySelector("[id^=mail-][role=option]:not([aria-label])") !== null,
        argument: typed,
      }
    },
    searchReset: (page) => forget(page, base),
    jumpReset: (page) => forget(page, base),
    jump: async (page) => {
      const before = await page.evaluate(() => document.querySelector<HTMLElement>("[id^=mail-][role=option]:not([aria-label])")?.id ?? "")
      const box = await page.locator("[role=listbox][aria-multiselectable]").boundingBox()
      if (box) await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
      return {
        event: "mousedown",
        act: async () => {
          // A press on the scroll bar is no event of the page; what follows it is: the list stands elsewhere.
          await page.evaluate(() => {
            const list = document.querySelector("[role=listbox][aria-multiselectable]")
            if (!list) return
            dispatchEvent(new MouseEvent("mousedown"))
            list.scrollTop = (list.scrollHeight - list.clientHeight) / 2
          })
        },
        seen: (first: unknown) => {
          const list = document.querySelector("[role=listbox][aria-multiselectable]")?.getBoundingClientRect()
          const rows = [...document.querySelectorAll<HTMLElement>("[id^=mail-][role=option]:not([aria-label])")].filter((row) => {
            const { top, bottom } = row.getBoundingClientRect()
            return list !== undefined && bottom > list.top && top < list.bottom
          })
          return list !== undefined && rows.length >= Math.floor(list.height / 90) && rows.every((row) => row.id !== first)
        },
        argument: before,
      }
    },
    hasSubject: (subject) => [...document.querySelectorAll<HTMLElement>("[id^=mail-][role=option]:not([aria-label])")].some((row) => row.innerText.includes(subject)),
  }
}
