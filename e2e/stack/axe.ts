import { AxeBuilder } from "@axe-core/playwright"
import { expect, type Page } from "@playwright/test"

/** The rules of WCAG 2.2 AA that a machine can check. */
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

/** Fails with every finding of weight, or of colours only; a mail's own content is its writer's. */
export async function expectAccessible(page: Page, what: string, coloursOnly: boolean): Promise<void> {
  // Colours that are just changing are nobody's.
  await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((animation) => animation instanceof CSSTransition).map((animation) => animation.finished)).then(() => undefined))
  const builder = new AxeBuilder({ page }).exclude("iframe")
  const { violations } = await (coloursOnly ? builder.withRules(["color-contrast"]) : builder.withTags(tags)).analyze()
  const findings = violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ""}`))
  expect.soft(findings, what).toEqual([])
}
