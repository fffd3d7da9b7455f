import { readFile } from "node:fs/promises"
import { anna } from "../stack/company.ts"
import { expect, test } from "../stack/test.ts"

test.describe("a browser in English", () => {
  test.use({ locale: "en-GB" })
  test("is greeted in English and can change to German", async ({ page }) => {
    await page.goto("/sign-in")
    await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible()
    await expect(page.locator("html")).toHaveAttribute("lang", "en")
    await page.getByRole("button", { name: "Deutsch" }).click()
    await expect(page.getByRole("button", { name: "Anmelden", exact: true })).toBeVisible()
    await expect(page.locator("html")).toHaveAttribute("lang", "de")
    await page.reload()
    await expect(page.getByRole("button", { name: "Anmelden", exact: true })).toBeVisible()
  })
})

test.describe("a browser in French", () => {
  test.use({ locale: "fr-FR" })
  test("is greeted in English", async ({ page }) => {
    await page.goto("/sign-in")
    await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible()
  })
})

test("the choice of a person goes with the account to another browser", async ({ page, signedIn, browser, baseURL, company }) => {
  try {
    await signedIn(anna)
    await page.goto("/account")
    await page.getByRole("button", { name: "English" }).click()
    await expect(page.getByRole("heading", { name: "Change password" })).toBeVisible()
    await expect.poll(async () => (await company.as(anna)<{ language: string }>("GET", "/api/session")).language).toBe("en")

    const other = await browser.newContext({ baseURL: baseURL ?? "", locale: "de-DE" })
    await other.addCookies(await page.context().cookies())
    const second = await other.newPage()
    await second.goto("/account")
    await expect(second.getByRole("heading", { name: "Change password" })).toBeVisible()
    await other.close()
  } finally {
    await company.as(anna)("PUT", "/api/session", { language: "de" })
  }
})

test("both languages have the same texts, and none is the other's", async () => {
  const load = async (language: string) => flatten(JSON.parse(await readFile(new URL(`../../web/src/text/${language}.json`, import.meta.url), "utf8")))
  const [de, en] = await Promise.all([load("de"), load("en")])
  expect([...de.keys()].sort()).toEqual([...en.keys()].sort())
  const same = [...de].filter(([key, text]) => en.get(key) === text && text.includes(" ") && /\p{L}/u.test(text.replace(/\{\w+\}/g, ""))).map(([, text]) => text)
  expect(same.filter((text) => !["Control Panel", "Continuity Service", "Email Live Tracking", "Demo: {domain}"].includes(text))).toEqual([])
})

function flatten(value: unknown, prefix = ""): Map<string, string> {
  if (typeof value === "string") return new Map([[prefix, value]])
  return new Map(Object.entries(value ?? {}).flatMap(([key, child]) => [...flatten(child, `${prefix}${prefix && "."}${key}`)]))
}
