/** One command line taken apart: the verb in upper case, the rest as sent. */
export interface Command {
  readonly verb: string
  readonly rest: string
}

/** The argument of MAIL or RCPT: the path without its angle brackets, and the parameters by keyword in upper case. */
export interface PathArgument {
  readonly path: string
  readonly parameters: ReadonlyMap<string, string | undefined>
}

const decoder = new TextDecoder("utf-8", { fatal: true })

/** A line as text; undefined when it is not UTF-8 or has control characters. */
export function decodeLine(line: Buffer): string | undefined {
  let text: string
  try {
    text = decoder.decode(line)
  } catch {
    return undefined
  }
  return /[\u0000-\u0008\u000a-\u001f\u007f]/.test(text) ? undefined : text
}

/** Splits a line into verb and rest (RFC 5321 §4.1.1). */
export function parseCommand(line: string): Command {
  const space = line.indexOf(" ")
  if (space < 0) return { verb: line.toUpperCase(), rest: "" }
  return { verb: line.slice(0, space).toUpperCase(), rest: line.slice(space + 1).trim() }
}

/**
 * Parses what follows MAIL or RCPT: `FROM:<path> KEY=value KEY`. Blanks around the path and missing brackets are
 * taken as most servers do. Undefined: a mistake in the syntax.
 */
export function parsePathArgument(keyword: "FROM" | "TO", rest: string): PathArgument | undefined {
  const head = rest.slice(0, keyword.length + 1).toUpperCase()
  if (head !== `${keyword}:`) return undefined
  const text = rest.slice(keyword.length + 1).trim()
  let path: string
  let end: number
  if (text.startsWith("<")) {
    const close = closingBracket(text)
    if (close < 0) return undefined
    path = text.slice(1, close)
    end = close + 1
    if (end < text.length && text[end] !== " ") return undefined
  } else {
    const space = text.indexOf(" ")
    end = space < 0 ? text.length : space
    path = text.slice(0, end)
    if (path === "" || /[<>"]/.test(path)) return undefined
  }
  const parameters = new Map<string, string | undefined>()
  for (const word of text.slice(end).split(" ")) {
    if (word === "") continue
    const match = /^([a-z0-9][a-z0-9-]*)(?:=([\x21-\x3c\x3e-\x7e]+))?$/i.exec(word)
    const name = match?.[1]?.toUpperCase()
    if (name === undefined || parameters.has(name)) return undefined
    parameters.set(name, match?.[2])
  }
  return { path, parameters }
}

function closingBracket(text: string): number {
  let inQuotes = false
  for (let i = 1; i < text.length; i++) {
    const character = text[i]
    if (inQuotes && character === "\\") i++
    else if (character === '"') inQuotes = !inQuotes
    else if (character === ">" && !inQuotes) return i
    else if (character === "<" && !inQuotes) return -1
  }
  return -1
}
