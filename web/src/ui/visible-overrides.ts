/** A source or a file as it is, but that nothing in it runs backwards: the marks that would do so (UAX #9, overrides) are named in their place. */
export function visibleOverrides(text: string): string {
  return text.replace(/[\u202d\u202e]/g, (mark) => `⟨U+${mark.charCodeAt(0).toString(16).toUpperCase()}⟩`)
}
