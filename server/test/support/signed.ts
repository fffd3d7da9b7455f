/** An element of DER for tests; `length` "open": of indefinite length (BER). */
export function der(tag: number, content: Buffer | readonly Buffer[], length: "exact" | "open" = "exact"): Buffer {
  const bytes = Buffer.isBuffer(content) ? content : Buffer.concat([...content])
  if (length === "open") return Buffer.concat([Buffer.from([tag, 0x80]), bytes, Buffer.from([0, 0])])
  const size = Buffer.from(bytes.length.toString(16).padStart(8, "0"), "hex")
  return Buffer.concat([Buffer.from([tag]), bytes.length < 0x80 ? Buffer.from([bytes.length]) : Buffer.concat([Buffer.from([0x84]), size]), bytes])
}

const oid = (hex: string) => der(0x06, Buffer.from(hex, "hex"))

/** A mail signed as a whole (CMS signed-data) without certificates and signatures, written in one piece or streamed as OpenSSL does. */
export function buildSigned(mail: string, length: "exact" | "open" = "exact", type = "2a864886f70d010702"): Buffer {
  const bytes = Buffer.from(mail)
  const octets = length === "exact" ? der(0x04, bytes) : der(0x24, [der(0x04, bytes.subarray(0, 9)), der(0x24, [der(0x04, bytes.subarray(9))], "open")], "open")
  const algorithms = der(0x31, [der(0x30, [oid("608648016503040201")], length)], length)
  const signed = der(0x30, [der(0x02, Buffer.from([1])), algorithms, der(0x30, [oid("2a864886f70d010701"), der(0xa0, octets, length)], length), der(0x31, Buffer.alloc(0))], length)
  return der(0x30, [oid(type), der(0xa0, signed, length)], length)
}
