const originals = new WeakMap<CSSMediaRule, string>()

/** A media query with the question for the system's colours answered. */
export function answered(query: string, dark: boolean): string {
  const [yes, no] = ["(min-width: 0px)", "(max-width: 0px)"]
  return query.replace(/\(prefers-color-scheme:\s*(dark|light)\)/g, (_whole, asked: string) => ((asked === "dark") === dark ? yes : no))
}

/** Lets the pages' own style sheet follow Outlook's theme in place of the system's; undefined: the system's again. */
export function followTheme(dark: boolean | undefined): void {
  document.documentElement.style.colorScheme = dark === undefined ? "" : dark ? "dark" : "light"
  for (const sheet of document.styleSheets) for (const rule of mediaRules(sheet.cssRules)) {
    const original = originals.get(rule) ?? rule.media.mediaText
    originals.set(rule, original)
    rule.media.mediaText = dark === undefined ? original : answered(original, dark)
  }
}

function mediaRules(rules: CSSRuleList): CSSMediaRule[] {
  return [...rules].flatMap((rule) => [
    ...(rule instanceof CSSMediaRule && (originals.has(rule) || rule.media.mediaText.includes("prefers-color-scheme")) ? [rule] : []),
    ...(rule instanceof CSSGroupingRule || rule instanceof CSSStyleRule ? mediaRules(rule.cssRules) : []),
  ])
}
