import { codepageDecoder } from "./codepage.ts"
import { decompressRtf } from "./compressed-rtf.ts"
import { readMapiProperties, type MapiProperties } from "./mapi-properties.ts"
import { readRtf } from "./rtf-text.ts"

/** A file that lay in a winmail.dat. `cid`: the HTML names it, without brackets. */
export interface TnefFile {
  readonly name: string
  readonly contentType: string
  readonly cid: string | undefined
  readonly content: Buffer
}

/** What a winmail.dat holds. Text and HTML are empty where it has none. */
export interface Tnef {
  readonly text: string
  readonly html: string
  readonly files: readonly TnefFile[]
}

const signature = 0x223e9f78
const maxFiles = 200
const maxBody = 2_000_000
const maxDepth = 3

/** Attributes (MS-OXTNEF §2.1.3.2) without their type. */
const attribute = { body: 0x800c, properties: 0x9003, attachment: 0x9005, render: 0x9002, title: 0x8010, data: 0x800f, codepage: 0x9007 } as const
const property = { body: 0x1000, rtf: 0x1009, html: 0x1013, codepage: 0x3fde, subject: 0x37, longName: 0x3707, name: 0x3704, displayName: 0x3001, type: 0x370e, cid: 0x3712, data: 0x3701 } as const
/** What an attached mail begins with in the place of a file's bytes: the interface IMessage. */
const embedded = Buffer.from("0703020000000000c000000000000046", "hex")

interface Attached {
  title: string
  data: Buffer | undefined
  properties: MapiProperties
}

/** Takes a winmail.dat (TNEF, MS-OXTNEF) apart; undefined where it is none. Broken ones give what can be read. Never throws. */
export function readTnef(bytes: Buffer): Tnef | undefined {
  return read(bytes, 1)
}

function read(bytes: Buffer, depth: number): Tnef | undefined {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== signature) return undefined
  let codepage = 1252
  let body = ""
  let properties: MapiProperties = new Map()
  const attached: Attached[] = []
  const decode = (content: Buffer) => codepageDecoder(codepage).decode(content)
  for (let at = 6; at + 9 <= bytes.length; ) {
    const id = bytes.readUInt16LE(at + 1)
    const length = bytes.readUInt32LE(at + 5)
    const start = at + 9
    if (start + length > bytes.length) break
    const content = bytes.subarray(start, start + length)
    at = start + length + 2
    const current = attached.at(-1)
    if (id === attribute.codepage && length >= 4) codepage = content.readUInt32LE(0)
    else if (id === attribute.body) body = textOf(content)
    else if (id === attribute.properties) properties = readMapiProperties(content, decode)
    else if (id === attribute.render) {
      if (attached.length >= maxFiles) break
      attached.push({ title: "", data: undefined, properties: new Map() })
    } else if (id === attribute.title && current) current.title = textOf(content)
    else if (id === attribute.data && current) current.data = content
    else if (id === attribute.attachment && current) current.properties = readMapiProperties(content, decode)
  }
  return { ...bodyOf(properties, body, decode), files: attached.flatMap((file, index) => filesOf(file, index, depth)).slice(0, maxFiles) }

  function textOf(content: Buffer): string {
    const text = decode(content)
    const end = text.indexOf("\0")
    return end < 0 ? text : text.slice(0, end)
  }
}

function bodyOf(properties: MapiProperties, body: string, decode: (bytes: Buffer) => string): { text: string; html: string } {
  const plain = properties.get(property.body)
  const html = properties.get(property.html)
  const packed = properties.get(property.rtf)
  const unpacked = Buffer.isBuffer(packed) ? decompressRtf(packed, maxBody) : undefined
  const rtf = unpacked && readRtf(unpacked)
  const text = (typeof plain === "string" ? plain : "") || body || rtf?.text || ""
  const markup = (typeof html === "string" ? html : html === undefined ? "" : decodeHtml(html, decode)) || rtf?.html || ""
  return { text: text.slice(0, maxBody).replaceAll("\r\n", "\n"), html: markup.slice(0, maxBody) }
}

function decodeHtml(bytes: Buffer, decode: (bytes: Buffer) => string): string {
  const charset = /<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(bytes.subarray(0, 2048).toString("latin1"))?.[1]
  try {
    return new TextDecoder(charset ?? "utf-8", { fatal: charset === undefined }).decode(bytes)
  } catch {
    return decode(bytes)
  }
}

function filesOf({ title, data, properties }: Attached, index: number, depth: number): TnefFile[] {
  const said = (id: number) => {
    const value = properties.get(id)
    return typeof value === "string" ? value.trim() : ""
  }
  const name = said(property.longName) || said(property.displayName) || title.trim() || said(property.name) || `attachment-${index + 1}`
  const inner = properties.get(property.data)
  if (Buffer.isBuffer(inner) && inner.subarray(0, 16).equals(embedded)) return depth < maxDepth ? mailOf(inner.subarray(16), name, depth) : []
  const content = data ?? (Buffer.isBuffer(inner) ? inner : undefined)
  if (!content) return []
  return [{ name, contentType: said(property.type).toLowerCase() || "application/octet-stream", cid: said(property.cid).replace(/^<|>$/g, "") || undefined, content }]
}

/** A mail attached in a winmail.dat is one more of the same inside: its text becomes a file, and its files stand beside it. */
function mailOf(bytes: Buffer, name: string, depth: number): TnefFile[] {
  const mail = read(bytes, depth + 1)
  if (!mail) return []
  const [ending, contentType, text] = mail.html === "" ? ["txt", "text/plain", mail.text] : ["html", "text/html", mail.html]
  return [{ name: `${name}.${ending}`, contentType, cid: undefined, content: Buffer.from(text) }, ...mail.files]
}
