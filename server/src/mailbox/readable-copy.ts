import { isUtf8 } from "node:buffer"
import { contentType, headerText, knownCharset, maxField, typeParameter } from "./header-text.ts"
import { withPlainBoundary } from "./plain-boundary.ts"
import { withOneType, withPlainEncoding, withPlainFields } from "./plain-fields.ts"
import { withPlainNames } from "./plain-names.ts"
import { decodeUtf7, isUtf7 } from "./utf7.ts"

/** A mail or one of its parts: where its header and body lie. */
interface Entity {
  readonly start: number
  readonly body: number
  end: number
  readonly header: string
  /** Lower case; undefined for none, and for what is none. */
  readonly type: string | undefined
  /** Of a multipart that names one. */
  readonly boundary: string | undefined
  /** Whether that boundary came. */
  found: boolean
  /** Signed, or not understood: it stays as it is. */
  readonly sealed: boolean
}

const maxHeader = 1_000_000
const partHeader = 16_384
const maxEntities = 5_000
const maxOpen = 100
/** So much of a text says what charset it is in, bytes. */
const looked = 65_536

/**
 * The mail so that everybody reads the same in it: what names no charset, or one that it is not in, gets a name, header
 * fields become UTF-8, and a multipart whose boundary never comes becomes what lies in it. Text in UTF-7, which nearly
 * nobody reads any more, becomes UTF-8, a file without a byte is such that the mailbox store keeps it, and what readers of
 * names and addresses differ about is written in the one way that they share. All else stays as it is. It never throws:
 * what only makes a mail more readable must not keep it from anybody.
 */
export function readableCopy<Mail extends Buffer>(mail: Mail): Mail | Buffer<ArrayBuffer> {
  try {
    return mended(mail)
  } catch {
    return mail
  }
}

function mended<Mail extends Buffer>(mail: Mail): Mail | Buffer<ArrayBuffer> {
  const plain = withPlainBoundary(mail)
  const pieces: Buffer[] = []
  let kept = 0
  for (const entity of entitiesOf(plain)) {
    if (entity.sealed) continue
    const { header, body, end } = mendedEntity(entity, plain)
    const better = Buffer.from(header)
    if (body === "" && better.equals(plain.subarray(entity.start, entity.body))) continue
    pieces.push(plain.subarray(kept, entity.start), better, Buffer.from(body))
    kept = end
  }
  return pieces.length === 0 ? plain : Buffer.concat([...pieces, plain.subarray(kept)])
}

/** The parts of a mail in their order, the mail first; attached mails are left alone. */
function entitiesOf(mail: Buffer): readonly Entity[] {
  const root = entityAt(mail, 0, maxHeader, false)
  const entities = [root]
  const open = root.boundary === undefined ? [] : [root]
  let last: Entity | undefined = root
  for (let at = mail.indexOf("\n--", Math.max(0, root.body - 1)); at >= 0 && entities.length < maxEntities; ) {
    const feed = mail.indexOf(0x0a, at + 1)
    const lineEnd = feed < 0 ? mail.length : feed
    const line = mail.toString("latin1", at + 3, Math.min(lineEnd, at + 300)).trimEnd()
    const level = open.findLastIndex(({ boundary }) => line === boundary || line === `${boundary}--`)
    const outer = open[level]
    let from = lineEnd
    if (outer) {
      outer.found = true
      if (last) last.end = at
      const closed = line !== outer.boundary
      open.length = closed ? level : level + 1
      last = closed || feed < 0 ? undefined : entityAt(mail, feed + 1, partHeader, open.some(({ type }) => type === "multipart/signed"))
      if (last) {
        entities.push(last)
        if (last.boundary !== undefined && open.length < maxOpen) open.push(last)
        from = Math.max(feed, last.body - 1)
      }
    }
    at = mail.indexOf("\n--", from)
  }
  return entities
}

function entityAt(mail: Buffer, start: number, longest: number, signed: boolean): Entity {
  const near = mail.subarray(start, start + longest)
  // A part may have no header at all: an empty line, then its text.
  const empty = /^\r?\n/.exec(near.toString("latin1", 0, 2))?.[0]
  const ends = ["\r\n\r\n", "\n\n"].map((end) => ({ at: near.indexOf(end), length: end.length })).filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)
  const endless = ends.length === 0 && empty === undefined && near.length === longest
  const length = empty?.length ?? (ends[0] ? ends[0].at + ends[0].length : near.length)
  const text = withPlainNames(withPlainEncoding(withOneType(headerText(near.subarray(0, length), start === 0 ? near.subarray(length) : undefined))))
  const header = start === 0 ? withPlainFields(text) : text
  const unclear = (contentType.exec(header)?.[0].length ?? 0) > maxField
  const type = typeIn(header)
  const boundary = type?.startsWith("multipart/") ? typeParameter(header, "boundary") : undefined
  return { start, body: start + length, end: mail.length, header, type, boundary, found: false, sealed: signed || endless || unclear }
}

/** An entity as it should be: `body` stands for what lies between its header and `end`. */
function mendedEntity(entity: Entity, mail: Buffer): { readonly header: string; readonly body: string; readonly end: number } {
  const { header, type = "", body: start } = entity
  const end = mail[entity.end - 1] === 0x0d && entity.end < mail.length ? entity.end - 1 : entity.end
  const content = mail.subarray(start, Math.max(start, end))
  // The mailbox store leaves out files without a byte: in base64 an empty line is none, too.
  if (isFile(entity) && content.length === 0) return { header: inBase64(header), body: entity.end < start ? "\r\n\r\n" : "\r\n", end: start }
  if (type === "text/plain" || type === "text/html") {
    const encoding = encodingOf(header)
    const utf7 = isUtf7(typeParameter(header, "charset"))
    if (utf7 || (encoding === "base64" && /=\s*[A-Za-z0-9+/]/.test(content.toString("latin1")))) {
      const bytes = decoded(content, encoding)
      const text = utf7 ? Buffer.from(decodeUtf7(bytes)) : bytes
      return { header: inBase64(utf7 ? withCharset(header, type, "utf-8") : mendedHeader(entity, mail)), body: text.toString("base64").replaceAll(/.{76}/g, "$&\r\n"), end: Math.max(start, end) }
    }
  }
  return { header: mendedHeader(entity, mail), body: "", end: start }
}

function isFile({ header, type }: Entity): boolean {
  return /^content-disposition:\s*attachment/im.test(header) || (type !== undefined && !/^(?:text|multipart|message)\//.test(type))
}

function inBase64(header: string): string {
  return `Content-Transfer-Encoding: base64\r\n${header.replaceAll(/^content-transfer-encoding:[^\n]*\n(?:[ \t][^\n]*\n)*/gim, "")}`
}

function encodingOf(header: string): string | undefined {
  return /^content-transfer-encoding:\s*([\w-]+)/im.exec(header)?.[1]?.toLowerCase()
}

function mendedHeader(entity: Entity, mail: Buffer): string {
  const { header, type, boundary, found } = entity
  const named = contentType.test(header)
  const body = mail.subarray(entity.body, Math.min(entity.end, entity.body + looked))
  const cut = body.length === looked
  if (type?.startsWith("multipart/")) {
    if (found) return header
    const other = /^\s*--([^\s-][^\r\n]{0,69})\r?\n(?:content-|\r?\n)/i.exec(body.toString("latin1", 0, 1000))?.[1]?.trimEnd()
    if (other !== undefined && other !== boundary) return withType(header, `${type}; boundary="${other.replaceAll(/["\\]/g, "\\$&")}"`)
    return body.toString("latin1").trim() === "" ? header : withType(header, `text/plain; charset=${charsetOf(body, undefined, false, cut)}`)
  }
  // What is no type at all is text (RFC 2045 §5.2), but not where it names a file.
  const text = named && type === undefined ? !/^content-disposition:\s*attachment|name\*?\s*=/im.test(header) && !/^content-type:\s*multipart/im.test(header) : type === undefined || type === "text/plain" || type === "text/html"
  if (!text) return header
  const bytes = decoded(body, encodingOf(header))
  const declared = typeParameter(header, "charset")
  const invalid = named && type === undefined
  const charset = bytes.some((byte) => byte >= 0x80) ? charsetOf(bytes, declared, type === "text/html", cut) : undefined
  if (charset === undefined && !invalid) return header
  return charset === knownCharset(declared) && !invalid ? header : withCharset(header, type ?? "text/plain", charset ?? "utf-8")
}

/** The charset that a text is in, for all that one can see. */
function charsetOf(bytes: Buffer, declared: string | undefined, html: boolean, cut: boolean): string {
  const given = knownCharset(declared)
  const said = given === undefined || given === "utf-8" || given === "windows-1252"
  if (!said) return given
  let end = bytes.length
  // Where it was cut, a character may have been.
  while (cut && end > bytes.length - 4 && (bytes[end - 1] ?? 0) >= 0x80) end--
  const whole = bytes.subarray(0, end)
  if (isUtf8(whole)) return "utf-8"
  if (given === "utf-8" && /[^\u0000-\u007f\ufffd]/.test(whole.toString())) return "utf-8"
  const meta = html ? knownCharset(/<meta[^>]{0,200}charset\s*=\s*["']?([\w-]{1,30})/i.exec(bytes.toString("latin1", 0, 2048))?.[1]) : undefined
  return meta === undefined || meta === "utf-8" ? "windows-1252" : meta
}

function decoded(body: Buffer, encoding: string | undefined): Buffer {
  // Where two were put one after the other (the footer of a list), the first ends within.
  if (encoding === "base64") return Buffer.concat((body.toString("latin1").replaceAll(/[^A-Za-z0-9+/=]/g, "").match(/[^=]+=*/g) ?? []).map((piece) => Buffer.from(piece, "base64")))
  if (encoding !== "quoted-printable") return body
  return Buffer.from(body.toString("latin1").replaceAll(/=[ \t]*\r?\n/g, "").replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), "latin1")
}

function typeIn(header: string): string | undefined {
  return /^content-type:\s*([\w!#$&^.+-]+\/[\w!#$&^.+-]+)\s*(?:;|\r?\n(?![ \t])|\r?\n[ \t]+;|$)/im.exec(header)?.[1]?.toLowerCase()
}

function withCharset(header: string, type: string, charset: string): string {
  const field = contentType.exec(header)?.[0].trimEnd()
  if (field === undefined) return withType(header, `${type}; charset=${charset}`)
  const rest = field.replaceAll(/\r?\n[ \t]+/g, " ").replace(/^[^;]*/, "").replaceAll(/;\s*charset\s*=\s*(?:"[^"]*"|'[^']*'|[^\s;]*)/gi, "").replace(/;\s*$/, "")
  return withType(header, `${type}; charset=${charset}${typeIn(header) === undefined ? "" : rest}`)
}

function withType(header: string, value: string): string {
  const field = contentType.exec(header)
  const line = `Content-Type: ${value}`
  if (!field) return `${line}\r\n${header}`
  return `${header.slice(0, field.index)}${line}${header.slice(field.index + field[0].trimEnd().length)}`
}
