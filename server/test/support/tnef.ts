/** A property of a TNEF for tests: text becomes UTF-16. */
export type TestProperty = readonly [id: number, value: string | Buffer | number]

export interface TestTnef {
  readonly properties?: readonly TestProperty[]
  readonly codepage?: number
  readonly body?: Buffer
  readonly files?: readonly { readonly title?: string; readonly data?: Buffer; readonly properties?: readonly TestProperty[] }[]
}

/** Writes a winmail.dat (MS-OXTNEF). */
export function buildTnef({ properties = [], codepage = 1252, body, files = [] }: TestTnef): Buffer {
  const head = Buffer.alloc(6)
  head.writeUInt32LE(0x223e9f78)
  head.writeUInt16LE(1, 4)
  const page = Buffer.alloc(8)
  page.writeUInt32LE(codepage)
  return Buffer.concat([
    head,
    attribute(1, 0x00069007, page),
    ...(body ? [attribute(1, 0x0002800c, body)] : []),
    ...(properties.length > 0 ? [attribute(1, 0x00069003, propertyList(properties))] : []),
    ...files.flatMap((file) => [
      attribute(2, 0x00069002, Buffer.alloc(14)),
      ...(file.title === undefined ? [] : [attribute(2, 0x00018010, Buffer.from(`${file.title}\0`, "latin1"))]),
      ...(file.data ? [attribute(2, 0x0006800f, file.data)] : []),
      ...(file.properties ? [attribute(2, 0x00069005, propertyList(file.properties))] : []),
    ]),
  ])
}

function attribute(level: number, id: number, data: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUInt8(level)
  head.writeUInt32LE(id, 1)
  head.writeUInt32LE(data.length, 5)
  const checksum = Buffer.alloc(2)
  checksum.writeUInt16LE(data.reduce((sum, byte) => (sum + byte) & 0xffff, 0))
  return Buffer.concat([head, data, checksum])
}

export function propertyList(properties: readonly TestProperty[]): Buffer {
  return Buffer.concat([number(properties.length), ...properties.map(([id, value]) => one(id, value))])
}

function one(id: number, value: string | Buffer | number): Buffer {
  const head = (type: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt16LE(type)
    bytes.writeUInt16LE(id, 2)
    // A named property: a GUID and a number of its own.
    return id >= 0x8000 ? Buffer.concat([bytes, Buffer.alloc(16), number(0), number(7)]) : bytes
  }
  if (typeof value === "number") return Buffer.concat([head(0x3), number(value)])
  const [type, content] = typeof value === "string" ? [0x1f, Buffer.from(`${value}\0`, "utf16le")] : [0x102, value]
  return Buffer.concat([head(type), number(1), number(content.length), content, Buffer.alloc((4 - (content.length % 4)) % 4)])
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** RTF as TNEF keeps it, not compressed. */
export function packRtf(rtf: string): Buffer {
  const bytes = Buffer.from(rtf, "latin1")
  const head = Buffer.alloc(16)
  head.writeUInt32LE(bytes.length + 12)
  head.writeUInt32LE(bytes.length, 4)
  head.write("MELA", 8)
  return Buffer.concat([head, bytes])
}
