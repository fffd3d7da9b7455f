import type { Letter } from "../stack/post.ts"

/** What of a letter is not as usual. `id`, `answers`: message ids, with brackets. */
export interface OddParts {
  readonly from?: string
  readonly fields?: readonly string[]
  readonly id?: string
  readonly answers?: readonly string[]
  readonly date?: Date
  /** Header fields of the content and the content itself, an empty line between them. */
  readonly content?: string
}

/** A letter of which every part can be given; whatever is given is sent as it is, byte for byte as UTF-8. */
export function oddLetter(to: string, subject: string, { from = "Maria Lindqvist <maria@nordlicht.example>", fields = [], id = newId(), answers = [], date = new Date(), content = "Content-Type: text/plain; charset=utf-8\n\nGuten Tag." }: OddParts = {}): Letter {
  const lines = [
    `From: ${from}`, `To: <${to}>`, `Subject: ${subject}`, `Date: ${date.toUTCString().replace("GMT", "+0000")}`, `Message-ID: ${id}`,
    ...(answers.length > 0 ? [`In-Reply-To: ${answers.at(-1) ?? ""}`, `References: ${answers.join(" ")}`] : []), ...fields, "MIME-Version: 1.0",
  ]
  return { from: "maria@nordlicht.example", to: [to], raw: `${lines.join("\n")}\n${content}\n` }
}

export function newId(): string {
  return `<${crypto.randomUUID()}@nordlicht.example>`
}

/** HTML as the content of a letter. */
export function htmlContent(html: string): string {
  return `Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${Buffer.from(html).toString("base64").replace(/.{76}/g, "$&\n")}`
}
