import type { Letter } from "../stack/post.ts"

/** A plain letter from outside; the subject carries what the test looks for. */
export function plainLetter(to: string, subject: string, text = "Guten Tag,\n\nbitte melden Sie sich.\n\nViele Grüße\nMaria"): Letter {
  return {
    from: "maria@nordlicht.example",
    to: [to],
    raw: `${head(to, subject)}Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

${text}
`,
  }
}

/** The header fields that every letter here begins with. */
export function head(to: string, subject: string): string {
  return `From: Maria Lindqvist <maria@nordlicht.example>
To: <${to}>
Subject: ${/^[\x20-\x7e]*$/.test(subject) ? subject : `=?utf-8?B?${Buffer.from(subject).toString("base64")}?=`}
Date: ${new Date().toUTCString().replace("GMT", "+0000")}
Message-ID: <${crypto.randomUUID()}@nordlicht.example>
MIME-Version: 1.0
`
}
