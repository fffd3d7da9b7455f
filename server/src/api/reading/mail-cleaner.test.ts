import { afterAll, expect, it } from "vitest"
import { MailCleaner, type CleaningOrder } from "./mail-cleaner.ts"

const cleaner = new MailCleaner()
afterAll(() => cleaner.stop())

const order = (html: string): CleaningOrder => ({ html, pictures: new Map([["cid:a", "attachments/1"]]), dark: false, remote: { key: Buffer.from("key"), user: "anna@example.com" } })
const rows = (count: number) => `<table>${Array.from({ length: count }, (_, n) => `<tr><td style="color:#333"><a href="https://shop.example/${n}" onclick="x()">Artikel ${n}</a></td></tr>`).join("")}</table><img src="cid:a"><img src="https://shop.example/a.png"><script>x</script>`

it("cleans a large mail as a small one, and nobody waits meanwhile", async () => {
  let turns = 0
  const clock = setInterval(() => turns++, 5)
  const [here, everywhere] = [process.threadCpuUsage(), process.cpuUsage()]
  const large = await cleaner.clean(order(rows(15_000)))
  const [own, all] = [process.threadCpuUsage(here), process.cpuUsage(everywhere)]
  clearInterval(clock)
  const small = await cleaner.clean(order(rows(1)))
  expect(large.reduced).toBe(false)
  expect(large.html).toContain("Artikel 14999")
  for (const { html } of [large, small]) {
    expect(html).toContain('<img src="attachments/1" />')
    expect(html).toMatch(/<img src="\/api\/mail\/picture\?u=https/)
    expect(html).not.toMatch(/script|onclick/)
  }
  expect(turns).toBeGreaterThan(5)
  expect(own.user, "work on the thread that answers requests").toBeLessThan(all.user / 3)
})

it.each([["by itself", 2_000], ["by force", 0]])("a thread that takes too long ends %s, and the mail is shown as text", async (_, grace) => {
  const hasty = new MailCleaner(0, grace)
  const html = rows(15_000)
  const made = await Promise.all(["first", "second", "third"].map((word) => hasty.clean(order(`${html}${word}`))))
  expect(made.map(({ reduced }) => reduced)).toEqual([true, true, true])
  expect(made[0]?.html).toMatch(/^<pre>Artikel 0[^<]*<\/pre>$/)
  await hasty.stop()
})
