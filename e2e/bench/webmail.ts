import { readFile, writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { chromium, type Page } from "@playwright/test"
import { findBrowser } from "../stack/browser.ts"
import type { Adapter, Step } from "./adapter.ts"
import { lifeboat } from "./lifeboat.ts"
import { roundcube } from "./roundcube.ts"
import { settle, shown, timed } from "./stopwatch.ts"

/**
 * Measures the webmail in a browser, side by side with a peer that holds the same mails, in turn within one run.
 *
 *     node webmail.ts <settings.json> <samples.json>
 */
interface Settings {
  readonly ours: { readonly base: string; readonly smtp: number; readonly domain: string; readonly password: string }
  readonly peer: { readonly adapter: string; readonly lmtp: number; readonly password: string } | null
  readonly boxes: readonly string[]
  readonly rounds: number
  /** Names of measures; empty: all. */
  readonly only: readonly string[]
}

/** Samples in milliseconds by box, measure and product; `null` stands for one that took longer than its limit. */
type Samples = Record<string, Record<string, Record<string, (number | null)[]>>>

const words = {
  "search-subject-rare": { words: "Zyklotron", scope: "subject" },
  "search-subject-common": { words: "Rechnung", scope: "subject" },
  "search-body-rare": { words: "Quittenbaum", scope: "body" },
  "search-body-common": { words: "Besprechung", scope: "body" },
  "search-body-phrase": { words: "Viele Grüße", scope: "body" },
} as const
/** Slow answers of the peer are not waited for again and again. */
const slow = 3_000
const slowRounds = 2
const arrivals = 4

const [settingsFile = "", samplesFile = ""] = process.argv.slice(2)
const settings = JSON.parse(await readFile(settingsFile, "utf8")) as Settings
const ours = lifeboat(settings.ours.base, settings.ours.domain, settings.ours.password)
const peer = settings.peer && (await roundcube(settings.peer.adapter, settings.peer.password))
const products: Adapter[] = peer ? [peer, ours] : [ours]
const samples: Samples = {}
const wanted = (measure: string) => settings.only.length === 0 || settings.only.some((name) => measure.startsWith(name))

const found = await findBrowser()
const browser = await chromium.launch({ ...found, args: [...found.args, "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"] })

function note(box: string, measure: string, product: Adapter, value: number | undefined): void {
  const list = ((samples[box] ??= {})[measure] ??= {})[product.name] ??= []
  list.push(value === undefined ? null : Math.round(value * 10) / 10)
}

const tooSlow = (box: string, measure: string, product: Adapter) => {
  const list = samples[box]?.[measure]?.[product.name] ?? []
  return list.length >= slowRounds && list.every((value) => value === null || value > slow)
}

async function signIn(product: Adapter, box: string): Promise<{ page: Page; form: number; row: number }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-US" })
  const page = await context.newPage()
  page.on("dialog", (dialog) => void dialog.accept())
  const start = Date.now()
  await page.goto(product.base, { waitUntil: "commit" })
  const form = (await shown(page, product.formShown)) - start
  await product.fillSignIn(page, box)
  await page.waitForTimeout(200)
  const pressed = Date.now()
  await product.submitSignIn(page)
  return { page, form, row: (await shown(page, product.firstRow)) - pressed }
}

const pressHere = (page: Page) => async () => {
  await page.mouse.down()
  await page.mouse.up()
}

/** One measure, in turn for each product, `rounds` times. */
async function inTurn(box: string, measure: string, pages: ReadonlyMap<Adapter, Page>, step: (product: Adapter, page: Page, round: number) => Promise<Step<never> | Step<string> | Step<unknown>>, after?: (product: Adapter, page: Page) => Promise<void>, rounds = settings.rounds): Promise<void> {
  if (!wanted(measure)) return
  console.error(`${box} ${measure}`)
  for (let round = 0; round < rounds; round++) {
    for (const [product, page] of pages) {
      if (tooSlow(box, measure, product)) continue
      try {
        const next = (await step(product, page, round)) as Step<unknown>
        note(box, measure, product, await timed(page, next))
        await after?.(product, page)
        await settle(page, product.settled)
      } catch (error) {
        console.error(`${box} ${measure} ${product.name}: ${String(error).slice(0, 300)}`)
        note(box, measure, product, undefined)
        await page.reload()
        await shown(page, product.firstRow)
        await settle(page, product.settled)
      }
    }
  }
}

/** Rows to open, none of them beside the first one, all on the screen of both. */
const openedRows = { cold: [3, 5, 7, 4, 6], hovered: [2, 6, 4, 7, 3] } as const

/** A mail that was not looked at before: the page begins anew, one mail is read already, its neighbours are left alone. */
async function open(product: Adapter, page: Page, round: number, hover: boolean): Promise<Step<string>> {
  await page.mouse.move(2, 2)
  await page.goto(product.base)
  await shown(page, product.firstRow)
  await settle(page, product.settled)
  const first = await product.row(page, 0)
  await page.mouse.move(first.x, first.y)
  await timed(page, { event: "mousedown", act: pressHere(page), seen: product.bodyShown, argument: first.key })
  await page.waitForTimeout(800)
  const rows = openedRows[hover ? "hovered" : "cold"]
  const { key, x, y } = await product.row(page, rows[round % rows.length] ?? 3)
  if (hover) {
    await page.mouse.move(x, y)
    await page.waitForTimeout(300)
    return { event: "mousedown", act: pressHere(page), seen: product.bodyShown, argument: key }
  }
  const press = pressHere(page)
  return { event: "mousedown", act: async () => { await page.mouse.move(x, y); await press() }, seen: product.bodyShown, argument: key }
}

/** A mail comes in: LMTP at the peer, SMTP at ours. Answers when it was taken. */
async function deliver(product: Adapter, box: string, subject: string): Promise<number> {
  const lmtp = product.name !== "lifeboat"
  const domain = lmtp ? "example.net" : settings.ours.domain
  const recipient = lmtp ? box : `${box}@${domain}`
  const text = `From: Bench <bench@example.org>\r\nTo: ${box}@${domain}\r\nSubject: ${subject}\r\nDate: ${new Date().toUTCString()}\r\nMessage-ID: <${subject}@bench.example.org>\r\n\r\nA new mail has come while the list is looked at, as it does all day long.\r\n.\r\n`
  const says = [`${lmtp ? "LHLO" : "EHLO"} bench\r\n`, "MAIL FROM:<bench@example.org>\r\n", `RCPT TO:<${recipient}>\r\n`, "DATA\r\n", text]
  return new Promise((resolve, reject) => {
    const socket = connect(lmtp ? (settings.peer?.lmtp ?? 0) : settings.ours.smtp, "127.0.0.1")
    let read = ""
    let next = 0
    socket.on("error", reject)
    socket.on("data", (chunk) => {
      read += chunk.toString()
      for (let reply = /^(?:\d{3}-.*\r\n)*(\d{3}) .*\r\n/.exec(read); reply; reply = /^(?:\d{3}-.*\r\n)*(\d{3}) .*\r\n/.exec(read)) {
        read = read.slice(reply[0].length)
        if (Number(reply[1]) >= 400) return void reject(new Error(reply[0]))
        const word = says[next++]
        if (word !== undefined) socket.write(word)
        else {
          resolve(Date.now())
          socket.end("QUIT\r\n")
          return
        }
      }
    })
  })
}

async function arrival(box: string, product: Adapter, page: Page): Promise<void> {
  await Promise.all(
    Array.from({ length: arrivals }, async (_, n) => {
      await page.waitForTimeout(n * 9_300)
      const subject = `Arrival${n}x${Date.now()}`
      const taken = await deliver(product, box, subject)
      const seen = await shown(page, product.hasSubject, subject, 90_000).catch(() => undefined)
      note(box, "arrival", product, seen === undefined ? undefined : seen - taken)
    }),
  )
}

/** Answers of our list alone, at places all over it. */
async function listAnswers(box: string): Promise<void> {
  const call = async (path: string, token = "", body?: object) => {
    const response = await fetch(new URL(path, settings.ours.base), {
      method: body ? "POST" : "GET",
      headers: { ...(token === "" ? {} : { authorization: `Bearer ${token}` }), ...(body ? { "content-type": "application/json" } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return (await response.json()) as { token: string; total: number; items: { id: string; specialUse: string | null }[] }
  }
  const { token } = await call("/api/session", "", { address: `${box}@${settings.ours.domain}`, password: settings.ours.password })
  const inbox = (await call("/api/mail/folders", token)).items.find((folder) => folder.specialUse === "inbox")
  if (!inbox) throw new Error("There is no inbox.")
  for (const [measure, query] of [["list-api", ""], ["list-api-conversations", "&conversations=true"]] as const) {
    if (!wanted(measure)) continue
    const { total } = await call(`/api/mail/folders/${inbox.id}/messages?limit=50${query}`, token)
    for (let n = 0; n < 60; n++) {
      const offset = n % 3 === 0 ? 0 : Math.floor((total * (n * 7919 % 1_000)) / 1_000)
      const start = performance.now()
      await call(`/api/mail/folders/${inbox.id}/messages?limit=50&offset=${offset}${query}`, token)
      note(box, measure, ours, performance.now() - start)
    }
  }
}

for (const box of settings.boxes) {
  const pages = new Map<Adapter, Page>()
  for (let round = 0; round < (wanted("sign-in") ? Math.max(3, Math.ceil(settings.rounds / 2)) : 1); round++) {
    for (const product of products) {
      await pages.get(product)?.context().close()
      const { page, form, row } = await signIn(product, box)
      pages.set(product, page)
      note(box, "sign-in-form", product, form)
      note(box, "sign-in", product, row)
    }
  }
  for (const [product, page] of pages) await settle(page, product.settled)
  await inTurn(box, "open", pages, (product, page, round) => open(product, page, round, false))
  await inTurn(box, "open-hovered", pages, (product, page, round) => open(product, page, round, true))
  await inTurn(box, "jump-middle", pages, (product, page) => product.jump(page), async (product, page) => {
    await settle(page, product.settled)
    await product.jumpReset(page)
  })
  for (const [measure, { words: text, scope }] of Object.entries(words)) await inTurn(box, measure, pages, (product, page) => product.search(page, text, scope), (product, page) => product.searchReset(page))
  await inTurn(box, "delete", pages, async (product, page) => {
    const { key, x, y } = await product.row(page, 1)
    await page.mouse.move(x, y)
    await page.waitForTimeout(200)
    await timed(page, { event: "mousedown", act: pressHere(page), seen: product.bodyShown, argument: key })
    await settle(page, product.settled)
    return product.remove(page, key)
    // Shorter than a frame: many rounds tell it from the wait for one.
  }, undefined, 3 * settings.rounds)
  if (wanted("arrival")) {
    console.error(`${box} arrival`)
    await Promise.all([...pages].map(([product, page]) => arrival(box, product, page)))
  }
  for (const page of pages.values()) await page.context().close()
  await listAnswers(box)
  await writeFile(samplesFile, JSON.stringify(samples))
}
await browser.close()
await writeFile(samplesFile, JSON.stringify(samples, null, 1))
process.exit(0)
