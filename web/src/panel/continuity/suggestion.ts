/** Characters that have to be typed before suggestions appear (handbook: three consecutive ones). */
export const suggestFrom = 3

/** What to look for, or undefined as long as too little is typed. */
export function suggestionQuery(typed: string): string | undefined {
  const text = typed.trim()
  return [...text].length >= suggestFrom ? text : undefined
}
