import { describe, expect, it } from "vitest"
import { formLimit, forwardSubject, quoteHtml, quoteText, textAsHtml } from "./quote.ts"

const words = { original: "Original", from: "Von", to: "An", date: "Datum", subject: "Betreff", cut: "Gekürzt." }
const mail = { from: "Maria <maria@nordlicht.example>", to: "anna@example.com", date: "heute", subject: "Angebot", text: "Hallo" }
const size = (text: string) => new TextEncoder().encode(text).length

describe("a quote", () => {
  it("shows a text as it is: nothing of a mail becomes markup", () => {
    expect(textAsHtml("<img src=x onerror=alert(1)>\r\n  \"a\" & 'b'")).toBe("&lt;img src=x onerror=alert(1)&gt;<br> &nbsp;&quot;a&quot; &amp; &#39;b&#39;")
    const { html } = quoteHtml({ ...mail, from: "<script>alert(1)</script>", subject: "<b>", text: "<style>" }, words)
    expect(html.replace(/<\/?(?:br|div|b|blockquote)>/g, "")).not.toMatch(/[<>]/)
  })
  it("names sender, recipient, date and subject", () => {
    expect(quoteHtml(mail, words)).toEqual({ cut: false, html: "<br><br><div>-------- Original --------<br><b>Von:</b> Maria &lt;maria@nordlicht.example&gt;<br><b>Datum:</b> heute<br><b>An:</b> anna@example.com<br><b>Betreff:</b> Angebot</div><br><blockquote>Hallo</blockquote>" })
    expect(quoteText(mail, words)).toBe("\n\n-------- Original --------\nVon: Maria <maria@nordlicht.example>\nDatum: heute\nAn: anna@example.com\nBetreff: Angebot\n\nHallo\n")
  })
  it.each(["a".repeat(100_000), "ü😀<".repeat(30_000), "\n".repeat(40_000) + "x"])("is cut where it is too long for Outlook, and says so", (text) => {
    const { html, cut } = quoteHtml({ ...mail, text }, words, formLimit)
    expect(size(html)).toBeLessThanOrEqual(formLimit)
    expect(html.isWellFormed()).toBe(true)
    if (cut) expect(html).toContain("<i>Gekürzt.</i>")
    expect(cut).toBe(text.trim().length > 1)
  })
})

describe("the subject", () => {
  it.each([["Angebot", "WG: Angebot"], ["Fwd: FW: WG:Angebot", "WG: Angebot"], ["", "WG:"], ["Re: x", "WG: Re: x"]])("%s → %s", (subject, expected) => expect(forwardSubject(subject, "WG:")).toBe(expected))
})
