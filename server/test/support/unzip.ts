import { inflateRawSync } from "node:zlib"

/** A file of a zip. `unicode`: its name is marked as UTF-8 (APPNOTE 4.4.4, bit 11). */
export interface ZippedFile {
  readonly name: string
  readonly content: Buffer
  readonly unicode: boolean
}

/** Reads a zip by its central directory. */
export function unzip(zip: Buffer): ZippedFile[] {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]))
  if (end < 0) throw new Error("This is no zip.")
  const files: ZippedFile[] = []
  let at = zip.readUInt32LE(end + 16)
  for (let n = zip.readUInt16LE(end + 10); n > 0; n--) {
    const [flags, method, packed, nameLength, extra, comment, local] = [zip.readUInt16LE(at + 8), zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32), zip.readUInt32LE(at + 42)]
    const name = zip.subarray(at + 46, at + 46 + nameLength).toString()
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
    const bytes = zip.subarray(start, start + packed)
    files.push({ name, content: method === 0 ? bytes : inflateRawSync(bytes), unicode: (flags & 0x800) !== 0 })
    at += 46 + nameLength + extra + comment
  }
  return files
}
