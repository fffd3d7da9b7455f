import type { Letter } from "../stack/post.ts"
import { head } from "./plain.ts"

/** A letter with a text and an HTML part, as ordinary mail programs write it. */
export function htmlLetter(to: string, subject: string, html = "<p>Guten Tag,</p><p><b>Unser Angebot</b> liegt bei.</p>"): Letter {
  return {
    from: "maria@nordlicht.example",
    to: [to],
    raw: `${head(to, subject)}Content-Type: multipart/alternative; boundary="parts"

--parts
Content-Type: text/plain; charset=utf-8

Guten Tag, unser Angebot liegt bei.
--parts
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

${Buffer.from(html).toString("base64").replace(/.{76}/g, "$&\n")}
--parts--
`,
  }
}

/** A letter with one attachment of any file name. */
export function letterWithFile(to: string, subject: string, fileName: string): Letter {
  return {
    from: "maria@nordlicht.example",
    to: [to],
    raw: `${head(to, subject)}Content-Type: multipart/mixed; boundary="parts"

--parts
Content-Type: text/plain; charset=utf-8

Im Anhang.
--parts
Content-Type: text/plain; charset=utf-8
Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(fileName)}

Inhalt
--parts--
`,
  }
}
