import type { FastifyReply } from "fastify"
import type { SafeHtml } from "../mail-html.ts"
import { darkGround } from "./mail-colour.ts"

/**
 * Policy of every page with a mail's HTML: nothing runs, nothing is fetched from elsewhere, not even by a sanitiser's
 * mistake (design §9). It has our own origin, so that the page around it can measure it and pass keys on, and therefore
 * never scripts.
 */
const sandbox = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
const policy = (allowed: string) => `default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox ${allowed}`
export const mailHtmlPolicy = policy(sandbox)
/** The page to print may open the print dialog. */
export const mailPrintPolicy = policy(`${sandbox} allow-modals`)

/** What stands above a printed mail; lines of name and value. */
export interface PrintHead {
  readonly subject: string
  readonly lines: readonly (readonly [string, string])[]
}

export interface PageNote {
  readonly text: string
  readonly link?: { readonly href: string; readonly text: string }
}

/** How a mail is shown. `text`: plain text in place of HTML, for printing. */
export interface MailPage {
  readonly content: SafeHtml | { readonly text: string }
  readonly dark: boolean
  readonly print: PrintHead | undefined
  /** Stands above the mail: a sentence of ours about it, and where it leads. */
  readonly note?: PageNote | undefined
  /** Seconds that the browser may keep it; 0: not at all. */
  readonly keep: number
}

const font = 'font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'
const paper = "html{background:#fff;color:#1a1a1a;color-scheme:light}"
const night = `html{background:${darkGround.background};color:${darkGround.text};color-scheme:dark}a{color:${darkGround.link}}@media print{html,body,body *{background:none!important;color:#1a1a1a!important}}`
const base = `body{margin:16px;${font};overflow-wrap:anywhere}img{max-width:100%;height:auto}pre{white-space:pre-wrap}table{max-width:100%}blockquote{margin-inline:0.5em 0;padding-inline-start:0.75em;border-inline-start:2px solid #8494a3}`
const printed = "body{margin:0}header{border-bottom:1px solid #8494a3;margin-bottom:16px;padding-bottom:8px}h1{font-size:20px;margin:0 0 8px}dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0}dt{color:#465565}dd{margin:0;white-space:pre-line}dd,h1{unicode-bidi:isolate}pre{font:inherit;white-space:pre-wrap}main{overflow-y:clip;isolation:isolate}"

/** Answers a mail as a page of its own with its own policy. */
export function sendMailPage(reply: FastifyReply, { content, dark, print, note, keep }: MailPage): FastifyReply {
  return reply
    .header("content-security-policy", print ? mailPrintPolicy : mailHtmlPolicy)
    .header("x-frame-options", "SAMEORIGIN")
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "no-referrer")
    .header("cache-control", keep > 0 ? `private, max-age=${keep}` : "private, no-store")
    // Signed out, or another person signed in: what the browser kept is not for them.
    .header("vary", "cookie")
    .type("text/html; charset=utf-8")
    .send(mailPage(content, dark, print, note))
}

function mailPage(content: MailPage["content"], dark: boolean, print: PrintHead | undefined, note: PageNote | undefined): string {
  const head = (style: string) => `<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(print?.subject ?? "")}</title><style>${style}</style>`
  const link = note?.link ? ` <a href="${escaped(note.link.href)}" target="_blank" rel="noopener noreferrer">${escaped(note.link.text)}</a>` : ""
  const said = note ? `<p><em>${escaped(note.text)}</em>${link}</p>` : ""
  const body = said + ("text" in content ? `<pre>${escaped(content.text)}</pre>` : content.html)
  const styles = "text" in content ? "" : content.styles
  if (!print) return `${head(`${dark ? night : paper}${base}`)}<style>${styles}</style></head><body>${body}</body></html>`
  // A shadow tree keeps the mail's styles away from the head that says who wrote it, and nothing of it is drawn above its own beginning.
  const lines = print.lines.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join("")
  return `${head(`${paper}${base}${printed}`)}</head><body><header><h1>${escaped(print.subject)}</h1><dl>${lines}</dl></header><main><template shadowrootmode="open"><style>img{max-width:100%;height:auto}pre{font:inherit;white-space:pre-wrap}table{max-width:100%}${styles}</style>${body}</template></main></body></html>`
}

/** Text as it stands in HTML, also between quotes. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
