/** Whether a charset is UTF-7 under one of its names. */
export function isUtf7(charset: string | undefined): boolean {
  return charset !== undefined && /^(?:(?:cs)?unicode-?1-?1-?)?utf-?7$/i.test(charset)
}

/** UTF-7 as text (RFC 2152). Never throws: what is no UTF-16 in base64 stands there as it came. */
export function decodeUtf7(bytes: Buffer): string {
  return bytes.toString("latin1").replaceAll(/\+([A-Za-z0-9+/]*)(-?)/g, (all, base64: string, end: string) => {
    if (base64 === "") return end === "" ? all : "+"
    const units = Buffer.from(base64, "base64")
    if (units.length < 2) return all
    return units.subarray(0, units.length & ~1).swap16().toString("utf16le").toWellFormed()
  })
}
