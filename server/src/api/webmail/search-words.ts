const part = /(?:(from|to|subject):)?"([^"]*)"?|[^\s"]+/giu
const field = /^(from|to|subject):([^():]+)$/iu

/**
 * What a person typed into the search field, as terms for WildDuck: words, phrases in quotes, and `from:`, `to:` or
 * `subject:` with either. What else WildDuck would take for an operator is searched as the word that it is.
 */
export function searchWords(text: string): string[] {
  return [...text.replaceAll("\\", " ").matchAll(part)].flatMap(([whole, name, phrase]) => {
    if (phrase !== undefined) {
      const words = phrase.replace(/\s+/gu, " ").trim().replace(/^-+\s*/u, "")
      if (name !== undefined && words !== "") return `${name.toLowerCase()}:"${words}"`
      return words.includes(" ") ? `"${words}"` : plain(words)
    }
    const named = field.exec(whole)
    return named ? `${String(named[1]).toLowerCase()}:${named[2]}` : plain(whole)
  })
}

/** A colon would make a word the name of a field, and a dash would leave it out. */
function plain(text: string): string[] {
  return text.split(":").flatMap((word) => {
    const bare = word.replace(/^-+/u, "")
    return bare === "" ? [] : `"${bare}"`
  })
}
