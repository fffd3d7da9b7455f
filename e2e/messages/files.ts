import type { Letter } from "../stack/post.ts"
import { head } from "./plain.ts"

/** A file of a letter; a mail is attached as it is. */
export interface LetterFile {
  readonly name: string
  readonly type: string
  readonly content: Buffer | string
}

let letters = 0

/** A letter with any files. */
export function letterWith(to: string, subject: string, files: readonly LetterFile[], text = "Im Anhang."): Letter {
  const boundary = `files-${letters++}-${crypto.randomUUID()}`
  const parts = files.map(({ name, type, content }) => {
    const fields = `--${boundary}\nContent-Type: ${type}\n${name === "" ? "" : `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}\n`}`
    if (type === "message/rfc822") return `${fields}\n${content.toString()}\n`
    return `${fields}Content-Transfer-Encoding: base64\n\n${Buffer.from(content).toString("base64").replace(/.{76}/g, "$&\n")}\n`
  })
  return { from: "maria@nordlicht.example", to: [to], raw: `${head(to, subject)}Content-Type: multipart/mixed; boundary="${boundary}"\n\n--${boundary}\nContent-Type: text/plain; charset=utf-8\n\n${text}\n${parts.join("")}--${boundary}--\n` }
}

/** A PDF of as many pages as there are texts. */
export function pdf(texts: readonly string[]): Buffer {
  const objects: string[] = ["<< /Type /Catalog /Pages 2 0 R >>", `<< /Type /Pages /Count ${texts.length} /Kids [${texts.map((_, n) => `${4 + n * 2} 0 R`).join(" ")}] >>`, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
  for (const [n, text] of texts.entries()) {
    const drawing = `BT /F1 36 Tf 60 700 Td (${text}) Tj ET`
    objects.push(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + n * 2} 0 R >>`, `<< /Length ${drawing.length} >>\nstream\n${drawing}\nendstream`)
  }
  let file = "%PDF-1.4\n"
  const places = objects.map((object, n) => {
    const place = file.length
    file += `${n + 1} 0 obj\n${object}\nendobj\n`
    return place
  })
  const start = file.length
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("")}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.from(file)
}

/** A winmail.dat (MS-OXTNEF) with one file. */
export function winmail(name: string, content: string): Buffer {
  const attribute = (level: number, id: number, data: Buffer) => {
    const bytes = Buffer.alloc(9)
    bytes.writeUInt8(level)
    bytes.writeUInt32LE(id, 1)
    bytes.writeUInt32LE(data.length, 5)
    return Buffer.concat([bytes, data, Buffer.alloc(2)])
  }
  return Buffer.concat([Buffer.from("789f3e220100", "hex"), attribute(2, 0x00069002, Buffer.alloc(14)), attribute(2, 0x00018010, Buffer.from(`${name}\0`, "latin1")), attribute(2, 0x0006800f, Buffer.from(content))])
}

/** An invitation of Ben's to `to`. */
/** `event`: further lines of the event; after an `END:VEVENT` among them others begin. */
export function invitation(to: string, subject: string, uid: string, method = "REQUEST", event: readonly string[] = []): Letter {
  const calendar = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", `METHOD:${method}`, "BEGIN:VEVENT", `UID:${uid}`, "SEQUENCE:0", "DTSTAMP:20260501T080000Z", "DTSTART;TZID=Europe/Berlin:20301105T140000", "DTEND;TZID=Europe/Berlin:20301105T153000", `SUMMARY:${subject}`, "LOCATION:Raum Ostsee", "DESCRIPTION:Wir sprechen über den Bau.", "ORGANIZER;CN=Ben Okafor:mailto:ben@example.com", `ATTENDEE;CN=Anna;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:${to}`, "ATTENDEE;CN=Clara;PARTSTAT=ACCEPTED:mailto:clara@example.com", ...event, "END:VEVENT", "END:VCALENDAR", ""].join("\r\n")
  return letterWith(to, subject, [{ name: "", type: `text/calendar; charset=utf-8; method=${method}`, content: calendar }], "Einladung im Anhang.")
}
