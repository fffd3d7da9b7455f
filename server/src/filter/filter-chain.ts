import { headerLimits } from "./header-limits.ts"
import { loop } from "./loop.ts"
import { size } from "./size.ts"
import type { Filter, FilteredMail, FilterSettings, Verdict } from "./verdict.ts"

const builtIn: readonly Filter[] = [size, headerLimits, loop]

/**
 * Runs the filters in order: the first refusal ends it, a quarantine outlasts tags, lines of tags add up. `more` come
 * behind the built-in ones.
 */
export function createFilterChain(settings: FilterSettings, more: readonly Filter[] = []): (mail: FilteredMail) => Promise<Verdict> {
  const filters = [...builtIn, ...more]
  return async (mail) => {
    let result: Verdict = { verdict: "accept" }
    for (const filter of filters) {
      const judged = filter(mail, settings)
      const verdict = judged instanceof Promise ? await judged : judged
      if (verdict.verdict === "reject") return verdict
      if (verdict.verdict === "quarantine") result = verdict
      if (verdict.verdict === "tag" && result.verdict !== "quarantine") {
        result = { verdict: "tag", lines: [...(result.verdict === "tag" ? result.lines : []), ...verdict.lines] }
      }
    }
    return result
  }
}
