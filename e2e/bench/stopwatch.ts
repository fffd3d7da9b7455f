import { setTimeout as sleep } from "node:timers/promises"
import type { Page } from "@playwright/test"
import type { Seen, Step } from "./adapter.ts"

const text = (seen: Seen<never>, argument: unknown) => `(${String(seen)})(${JSON.stringify(argument ?? null)})`

/** Asks the page, also while it moves on to another document; undefined while it does. */
async function ask(page: Page, expression: string): Promise<unknown> {
  return page.evaluate(expression).catch((error: unknown) => {
    if (!/context was destroyed|navigat|Cannot find context/i.test(String(error))) throw error
  })
}

/** Waits until the page shows something; answers when, as wall clock in milliseconds, by the frame in which it stood there. Throws after `timeout`. */
export async function shown<A>(page: Page, seen: Seen<A>, argument?: A, timeout = 120_000): Promise<number> {
  const end = Date.now() + timeout
  // Looked at in every frame by the page itself: its policy forbids to compile text later.
  const look = `new Promise((resolve) => {
    const until = performance.now() + 500
    const look = () => {
      let there = false
      try { there = ${text(seen, argument)} } catch {}
      if (there) resolve(performance.timeOrigin + performance.now())
      else if (performance.now() > until) resolve(0)
      else requestAnimationFrame(look)
    }
    look()
  })`
  while (Date.now() < end) {
    const at = await ask(page, look)
    if (typeof at === "number" && at > 0) return at
    if (at === undefined) await sleep(5)
  }
  throw new Error("The page does not show what it should.")
}

/**
 * Time from the event of the last key or press to the first frame in which the page shows what it should,
 * milliseconds, all measured inside the page. Until the event the page is left in peace, as a person leaves it: one that
 * is looked at in every frame would have the key wait for the next of them. Undefined after `timeout`.
 */
export async function timed<A>(page: Page, step: Step<A>, timeout = 60_000): Promise<number | undefined> {
  await page.evaluate(`(() => {
    const watch = (window.benchWatch = { from: null, to: null })
    addEventListener(${JSON.stringify(step.event)}, (event) => {
      if (watch.from !== null) return
      const now = performance.now()
      watch.from = event.timeStamp > 0 && now >= event.timeStamp && now - event.timeStamp < 1000 ? event.timeStamp : now
      requestAnimationFrame(look)
    }, { capture: true, once: true })
    const look = () => {
      let there = false
      try { there = ${text(step.seen, step.argument)} } catch {}
      if (there) watch.to = performance.now()
      else requestAnimationFrame(look)
    }
  })()`)
  await step.act()
  const end = Date.now() + timeout
  while (Date.now() < end) {
    const taken = await ask(page, "window.benchWatch?.to ? window.benchWatch.to - window.benchWatch.from : 0")
    if (typeof taken === "number" && taken > 0) return taken
    await sleep(20)
  }
  return undefined
}

const frameMs = 1_000 / 60

/** Until nothing is under way any more. It ends anywhere between two frames of the screen: nine of them are just 150 ms, and a key would always meet the same moment. */
export async function settle(page: Page, settled: Seen): Promise<void> {
  await shown(page, settled)
  await sleep(150 + Math.random() * frameMs)
}
