/** Elements within elements; more are not followed. */
const maxDepth = 16
const tag = { octets: 0x04, oid: 0x06, sequence: 0x30, pieces: 0x24, content: 0xa0 } as const
const signedData = Buffer.from("2a864886f70d010702", "hex")
const plainData = Buffer.from("2a864886f70d010701", "hex")

/** An element of BER (X.690): where its content begins and ends; one of indefinite length (`end` undefined) ends with two noughts. */
interface Element {
  readonly tag: number
  readonly start: number
  readonly end: number | undefined
}

/**
 * What lies in a signed S/MIME message (CMS signed-data, RFC 5652 §5, RFC 8551 §3.5.2): a mail of its own, header first.
 * Nothing is checked. Undefined for what is none: encrypted, certificates alone, broken. Never throws.
 */
export function signedContent(bytes: Buffer): Buffer | undefined {
  const [type, wrapped] = childrenOf(bytes, elementAt(bytes, 0), tag.sequence)
  if (!type || !isOid(bytes, type, signedData)) return undefined
  const [signed] = childrenOf(bytes, wrapped, tag.content)
  const [, , encapsulated] = childrenOf(bytes, signed, tag.sequence)
  const [innerType, content] = childrenOf(bytes, encapsulated, tag.sequence)
  if (!innerType || !isOid(bytes, innerType, plainData)) return undefined
  const [octets] = childrenOf(bytes, content, tag.content)
  const pieces = octets && octetsOf(bytes, octets, 0)
  return pieces && Buffer.concat(pieces)
}

function elementAt(bytes: Buffer, at: number): Element | undefined {
  const [name, first] = [bytes[at], bytes[at + 1]]
  if (name === undefined || first === undefined || (name & 0x1f) === 0x1f) return undefined
  if (first === 0x80) return (name & 0x20) === 0 ? undefined : { tag: name, start: at + 2, end: undefined }
  const more = first > 0x80 ? first & 0x7f : 0
  const start = at + 2 + more
  if (more > 4 || start > bytes.length) return undefined
  const end = start + (more === 0 ? first : bytes.readUIntBE(at + 2, more))
  return end > bytes.length ? undefined : { tag: name, start, end }
}

/** The first elements within one, three at most; none where it is not what is expected. */
function childrenOf(bytes: Buffer, element: Element | undefined, expected: number): Element[] {
  const children: Element[] = []
  if (element?.tag !== expected) return children
  for (let at: number | undefined = element.start; at !== undefined && at < (element.end ?? bytes.length) && children.length < 3; ) {
    const child = elementAt(bytes, at)
    if (!child || isEnd(child)) break
    children.push(child)
    at = children.length < 3 ? endOf(bytes, child, 0) : undefined
  }
  return children
}

function isEnd(element: Element): boolean {
  return element.tag === 0 && element.end === element.start
}

/** Where what follows an element begins. */
function endOf(bytes: Buffer, { start, end }: Element, depth: number): number | undefined {
  if (end !== undefined) return end
  if (depth >= maxDepth) return undefined
  for (let at: number | undefined = start; at !== undefined; ) {
    const child = elementAt(bytes, at)
    if (!child) return undefined
    if (isEnd(child)) return child.start
    at = endOf(bytes, child, depth + 1)
  }
  return undefined
}

/** The bytes of an octet string, which may come in pieces. */
function octetsOf(bytes: Buffer, element: Element, depth: number): Buffer[] | undefined {
  if (element.tag === tag.octets && element.end !== undefined) return [bytes.subarray(element.start, element.end)]
  if (element.tag !== tag.pieces || depth >= maxDepth) return undefined
  const pieces: Buffer[] = []
  for (let at: number | undefined = element.start; at !== undefined && at < (element.end ?? bytes.length); ) {
    const child = elementAt(bytes, at)
    if (!child) return undefined
    if (isEnd(child)) break
    for (const piece of octetsOf(bytes, child, depth + 1) ?? []) pieces.push(piece)
    at = endOf(bytes, child, depth + 1)
  }
  return pieces
}

function isOid(bytes: Buffer, { tag: name, start, end }: Element, oid: Buffer): boolean {
  return name === tag.oid && bytes.subarray(start, end).equals(oid)
}
