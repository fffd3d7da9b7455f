import type { Letter } from "../stack/post.ts"

/** What may stand where a person reads words: subject, names, file names, MIME types, plain text. Every one is text and nothing else. */
const markup = `<img src=x onerror="top.owned=1">`

const words: readonly string[] = [
  markup, "<script>top.owned=1</script>", `"><svg onload=top.owned=1>`, `'"><iframe srcdoc="<script>top.owned=1</script>">`, "{{constructor.constructor('top.owned=1')()}}", "${top.owned=1}", "`${top.owned=1}`", "<b>fett</b>", "&lt;script&gt;top.owned=1&lt;/script&gt;", "</title><script>top.owned=1</script>", "</textarea><script>top.owned=1</script>",
  "javascript:top.owned=1", "<!--", "-->", "]]>", "<![CDATA[<script>top.owned=1</script>]]>", "\u202egpj.exe", "\u0000<script>top.owned=1</script>", "%3Cscript%3Etop.owned=1%3C/script%3E", "+ADw-script+AD4-top.owned=1+ADw-/script+AD4-", "<a href=javascript:top.owned=1>x</a>", "a".repeat(2_000), "=?utf-8?B?PHNjcmlwdD50b3Aub3duZWQ9MTwvc2NyaXB0Pg==?=", "\ud83d\ude00".repeat(200),
  "<math><mi xlink:href=javascript:top.owned=1>", "v-html=\"'<img src=x onerror=top.owned=1>'\"", "constructor", "__proto__", "../../../../etc/passwd", "CON.txt<img src=x onerror=top.owned=1>",
]

const types: readonly string[] = ["text/html", "text/html; charset=utf-7", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/x-shockwave-flash", "text/javascript", "application/pdf", "image/png<script>top.owned=1</script>", "text/html\u0000", "multipart/x", "application/octet-stream", "text/css", "application/hta", "message/x", "image/gif", "text/plain; name=\"x.html\"", "application/xml", "video/x", "\"><img/onerror=top.owned=1>/x"]

/** As CVE-2026-54433: what a plain text does once it is made clickable. */
const texts: readonly string[] = [
  `https://e.example/"onmouseover="top.owned=1"`, `http://e.example/<img src=x onerror=top.owned=1>`, "https://e.example/'><script>top.owned=1</script>", "javascript:top.owned=1", "data:text/html,<script>top.owned=1</script>", "www.e.example<script>top.owned=1</script>", `a@b.example"><img src=x onerror=top.owned=1>`, "mailto:a@b.example?body=<script>top.owned=1</script>", "> <script>top.owned=1</script>", ">> https://e.example/\"><svg onload=top.owned=1>", "-- \n<script>top.owned=1</script>", "&#60;script&#62;top.owned=1&#60;/script&#62;", "https://javascript:top.owned=1@e.example/", "https://e.example/\u2028<script>top.owned=1</script>", "[x](javascript:top.owned=1)", "https://e.example/`onclick=top.owned=1`", "<https://e.example/<script>top.owned=1</script>>", "vbscript:top.owned=1", "file:///etc/passwd", "https://[::1]/<img src=x onerror=top.owned=1>", "x".repeat(50_000), "https://" + "a".repeat(5_000), "\u202ehttps://e.example", "http://e.example/%22%3E%3Cscript%3Etop.owned=1", "ftp://e.example/<b>", "\u0000\u0001<script>top.owned=1</script>",
]

/** A charset or an encoding that means something else than it seems. */
const bodies: readonly { readonly type: string; readonly encoding: string; readonly body: string }[] = [
  { type: "text/html; charset=utf-7", encoding: "7bit", body: "+ADw-script+AD4-top.owned=1+ADw-/script+AD4-" },
  { type: "text/html; charset=unicode-1-1-utf-7", encoding: "7bit", body: "+ADwAcwBjAHIAaQBwAHQAPg-top.owned=1+ADwALwBzAGMAcgBpAHAAdAA+-" },
  { type: "text/plain; charset=utf-7", encoding: "7bit", body: "+ADw-script+AD4-top.owned=1+ADw-/script+AD4-" },
  { type: "text/html; charset=utf-16le", encoding: "base64", body: Buffer.from("<script>top.owned=1</script>", "utf16le").toString("base64") },
  { type: "text/html; charset=iso-2022-jp", encoding: "7bit", body: "\u001b$B<script>top.owned=1</script>\u001b(B" },
  { type: "text/html; charset=hz-gb-2312", encoding: "7bit", body: "~{<script>~}top.owned=1</script>" },
  { type: "text/html; charset=\"><script>top.owned=1</script>\"", encoding: "7bit", body: "<p>x</p>" },
  { type: "text/html; charset=utf-8", encoding: "quoted-printable", body: "=3Cscript=3Etop.owned=3D1=3C/script=3E<im=\ng src=3Dx onerr=\nor=3Dtop.owned=3D1>" },
  { type: "text/html; charset=utf-8", encoding: "quoted-printable", body: "<img src=3Dx on=65rror=3D=74op.owned=3D1>=\n=ZZ=" },
  { type: "text/html; charset=utf-8", encoding: "base64", body: `${Buffer.from("<scr").toString("base64")}\n${Buffer.from("ipt>top.owned=1</script>").toString("base64")}` },
  { type: "text/html; charset=utf-8", encoding: "x-uuencode", body: "begin 644 x\n<script>top.owned=1</script>\nend" },
  { type: "text/html; charset=ebcdic-cp-us", encoding: "8bit", body: "<script>top.owned=1</script>" },
  { type: "TEXT/HTML", encoding: "7BIT", body: "<script>top.owned=1</script>" },
  { type: "text/html; format=flowed; delsp=yes", encoding: "7bit", body: "<scr \nipt>top.owned=1</script>" },
  { type: "text/enriched", encoding: "7bit", body: "<bold><script>top.owned=1</script></bold>" },
  { type: "text/richtext", encoding: "7bit", body: "<param>red</param><script>top.owned=1</script>" },
  { type: "text/x-amp-html", encoding: "7bit", body: "<!doctype html><html amp4email><script>top.owned=1</script></html>" },
  { type: "application/xhtml+xml", encoding: "7bit", body: "<html xmlns='http://www.w3.org/1999/xhtml'><script>top.owned=1</script></html>" },
]

const at = <T>(list: readonly T[], index: number, fallback: T): T => list[index % list.length] ?? fallback
const encoded = (text: string) => `=?utf-8?B?${Buffer.from(text.replaceAll("\n", " ")).toString("base64")}?=`

/** How many single vectors the letters below hold. */
export const wordCount = 3 * words.length + types.length + texts.length + bodies.length

/** Letters whose words attack: each has a subject, a sender's name and a file name of its own, a MIME type and a plain text. */
export function wordLetters(to: string): { readonly subject: string; readonly letter: Letter }[] {
  return words.map((word, index) => {
    const subject = `W${index} ${word}`
    const type = at(types, index, "text/html").replaceAll(/[\r\n\0]/g, "")
    return {
      subject,
      letter: {
        from: "maria@nordlicht.example", to: [to],
        raw: `From: ${encoded(`N${index} ${word}`)} <maria@nordlicht.example>\nTo: ${encoded(word)} <${to}>\nSubject: ${encoded(subject)}\nDate: ${new Date().toUTCString().replace("GMT", "+0000")}\nMessage-ID: <${crypto.randomUUID()}@nordlicht.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${Buffer.from(`Text ${index} ${at(texts, index, "")}\n`).toString("base64").replace(/.{76}/g, "$&\n")}\n--b\nContent-Type: ${type}\nContent-Disposition: attachment; filename*=utf-8''${encodeURIComponent(`${word.slice(0, 200).toWellFormed()}.html`)}\nContent-Transfer-Encoding: base64\n\n${Buffer.from("<script>top.owned=1</script>").toString("base64")}\n--b--\n`,
      },
    }
  })
}

/** Letters whose charset or encoding attacks. */
export function bodyLetters(to: string): { readonly subject: string; readonly letter: Letter }[] {
  return bodies.map(({ type, encoding, body }, index) => {
    const subject = `Z${index} Zeichensatz`
    return { subject, letter: { from: "maria@nordlicht.example", to: [to], raw: `From: maria@nordlicht.example\nTo: ${to}\nSubject: ${subject}\nDate: ${new Date().toUTCString().replace("GMT", "+0000")}\nMessage-ID: <${crypto.randomUUID()}@nordlicht.example>\nMIME-Version: 1.0\nContent-Type: ${type}\nContent-Transfer-Encoding: ${encoding}\n\n${body}\n` } }
  })
}
