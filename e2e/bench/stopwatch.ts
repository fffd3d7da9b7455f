import type { Page } from "@playwright/test"
import type { Seen, Step } from "./adapter.ts"

const text = (seen: Seen<never>, argument: unknown) => `(${String(seen)})(${JSON.stringify(argument ?? null)})`

/** Waits until the page shows something; answers when, as wall clock in milliseconds, by the frame in which it stood there. */
export async function shown<A>(page: Page, seen: Seen<A>, argument?: A, timeout = 120_000): Promise<number> {
  const handle = await page.waitForFunction(`!window.benchLeft && (${text(seen, argument)}) ? performance.timeOrigin + performance.now() : 0`, null, { polling: "raf", timeout })
  return Number(await handle.jsonValue())
}

/**
 * Time from the event of the last key or press to the first frame in which the page shows what it should,
 * milliseconds, all measured inside the page. Undefined after `timeout`.
 */
export async function timed<A>(page: Page, step: Step<A>, timeout = 60_000): Promise<number | undefined> {
  await page.evaluate(`(() => {
    const watch = (window.benchWatch = { from: null, to: null })
    addEventListener(${JSON.stringify(step.event)}, (event) => {
      if (watch.from !== null) return
      const now = performance.now()
      watch.from = event.timeStamp > 0 && now >= event.timeStamp && now - event.timeStamp < 1000 ? event.timeStamp : now
    }, { capture: true, once: true })
    const look = () => {
      let there = false
      if (watch.from !== null) { try { there = ${text(step.seen, step.argument)} } catch {} }
      if (there) watch.to = performance.now()
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })()`)
  await step.act()
  const done = await page.waitForFunction("window.benchWatch.to", null, { polling: 20, timeout }).then(() => true, () => false)
  return done ? Number(await page.evaluate("window.benchWatch.to - window.benchWatch.from")) : undefined
}

/** Until nothing is under way any more. */
export async function settle(page: Page, settled: Seen): Promise<void> {
  await page.waitForFunction(text(settled, undefined), null, { polling: 50, timeout: 120_000 })
  await page.waitForTimeout(150)
}
