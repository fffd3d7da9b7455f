/** One way in which a mail may try to run, fetch, send or cover something. `outside` is where it would call. */
export interface Vector {
  readonly name: string
  /** Ends what it begins, so that others can stand behind it in the same mail. */
  readonly closed: boolean
  html(outside: string): string
}

/** What a script would do: leave a mark in the page around it, and call out. No quotes but these, no spaces, so that it fits everywhere. */
export const act = (outside: string, name: string) => `top.owned=1;top.document.title='owned';fetch('${outside}/${name}')`

/** The same within an attribute. */
export const attribute = (outside: string, name: string) => act(outside, name).replaceAll("'", "&#39;")

/** Vectors of a family, made of its members. */
export function family<T>(name: string, members: readonly T[], html: (member: T, outside: string, name: string) => string, closed = true): Vector[] {
  return members.map((member, index) => {
    const own = `${name}-${index + 1}`
    return { name: own, closed, html: (outside) => html(member, outside, own) }
  })
}
