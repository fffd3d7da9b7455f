/** The entries of an address header, taken apart at the commas between them. */
function entries(header: string): string[] {
  return header.match(/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+/g)?.map((entry) => entry.trim()).filter((entry) => entry !== "") ?? []
}

/** How a list calls a person: by name, but never by a name that looks like another address. Empty where there is neither. */
export function callName(name: string, address: string): string {
  return address === "" || !name.includes("@") ? name || address : address
}

/** How a list shows an address header: names where there are some, else bare addresses. */
export function people(header: string): string {
  return entries(header)
    .map((entry) => {
      const address = /<([^<>]*)>\s*$/.exec(entry)
      const name = (address ? entry.slice(0, address.index) : entry).trim().replace(/^"(.*)"$/s, "$1").replace(/\\(.)/g, "$1")
      return callName(name, address?.[1] ?? "") || entry
    })
    .join(", ")
}

/** The bare addresses of an address header. */
export function addressesIn(header: string): string[] {
  return entries(header).flatMap((entry) => {
    const address = (/<([^<>]*)>\s*$/.exec(entry)?.[1] ?? entry).trim()
    return address.includes("@") ? [address] : []
  })
}
