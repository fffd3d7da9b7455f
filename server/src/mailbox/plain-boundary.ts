import { headerBlock } from "../archive/bodies.ts"

const headerBytes = 65_536
const parameter = /;\s*boundary\*(?:(\d{1,3})(\*?))?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/gi

/**
 * The mail with a boundary that WildDuck understands: it does not know the forms of RFC 2231 (`boundary*=`,
 * `boundary*0=`) and would show no text. The plain parameter takes their place; all other mail comes back as it is.
 */
export function withPlainBoundary<Mail extends Buffer>(mail: Mail): Mail | Buffer<ArrayBuffer> {
  const header = headerBlock(mail, headerBytes).toString("latin1")
  const field = /^content-type:[^\n]*(?:\n[ \t][^\n]*)*/im.exec(header)
  if (!field || !/^content-type:\s*multipart\//i.test(field[0]) || /;\s*boundary\s*=/i.test(field[0])) return mail
  const parts = [...field[0].matchAll(parameter)]
    .map(([, number, encoded, quoted, bare]) => ({ number: Number(number ?? 0), encoded: number === undefined || encoded === "*", text: quoted?.replace(/\\(.)/g, "$1") ?? bare ?? "" }))
    .sort((a, b) => a.number - b.number)
  const boundary = parts.map(({ number, encoded, text }) => (encoded ? decoded(number === 0 ? text.replace(/^[^']*'[^']*'/, "") : text) : text)).join("")
  if (!/^[0-9A-Za-z'()+_,\-./:=? ]{1,200}$/.test(boundary)) return mail
  const end = field.index + field[0].trimEnd().length
  const plain = `${field[0].trimEnd().replaceAll(parameter, "")};\r\n\tboundary="${boundary}"`
  return Buffer.concat([mail.subarray(0, field.index), Buffer.from(plain, "latin1"), mail.subarray(end)])
}

function decoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
