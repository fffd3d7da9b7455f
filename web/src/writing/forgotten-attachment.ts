/** Words that promise an attachment, in German and English; the page's own language does not say in which one a mail is written. */
const promises = /(?<![\p{L}\p{N}])(?:anhang|anhänge[n]?|anhangs|anlage[n]?|anbei|beigefügt\p{L}*|beiliegend\p{L}*|angehängt\p{L}*|hänge (?:ich|wir)|attached|attachments?|attaching|enclosed|enclosures?)(?![\p{L}\p{N}])/giu
/** Where the same words promise nothing. */
const harmless = /(?:ohne|kein(?:en|e|er)?|without|no|not) (?:\p{L}+ )?$/iu

/**
 * The word by which a mail promises an attachment; undefined where there is none. What is quoted, and the signature,
 * do not count.
 */
export function promisedAttachment(subject: string, text: string): string | undefined {
  const own = text.replaceAll("\r\n", "\n").replace(/(?:^|\n)-- \n[\s\S]*$/, "").split("\n").filter((line) => !line.startsWith(">")).join("\n")
  const bare = /^\s*(?:re|aw|antw|fwd?|wg)\s*:/i.test(subject) ? "" : subject
  for (const part of [own, bare]) for (const match of part.matchAll(promises)) if (!harmless.test(part.slice(Math.max(0, match.index - 30), match.index))) return match[0]
  return undefined
}
