import { describe, expect, it } from "vitest"
import { escapeHtml, htmlText, quotedText, textHtml } from "./html-text.ts"
import { outgoingHtml } from "./outgoing-html.ts"

describe("HTML that goes out", () => {
  it("keeps tables, lists, colours, sizes and own pictures", () => {
    const html = '<table border="1" style="border-collapse: collapse"><tbody><tr><td style="background-color: #ff0; width: 20%" colspan="2">a</td></tr></tbody></table><ol start="3"><li><span style="color: red; font-size: 18px">b</span></li></ol><img src="cid:p@x" alt="p" width="10" /><a href="https://ok.example/">c</a>'
    expect(outgoingHtml(html)).toBe(html)
  })
  it("keeps no class but that of the signature", () => expect(outgoingHtml('<div class="lifeboat-signature x"><p class="x">a</p></div>')).toBe('<div class="lifeboat-signature"><p>a</p></div>'))
  it.each([
    "<script>alert(1)</script>", "<style>*{color:red}</style>", "<iframe src=https://x.example></iframe>", '<p onclick="x()">a</p>', '<a href="javascript:x()">a</a>', "<form action=/x><input></form>",
    '<p style="background:url(https://x.example)">a</p>', '<p style="position:fixed">a</p>', '<p style="width:expression(x)">a</p>', "<svg><script>x</script></svg>", '<img src="file:///etc/passwd">', '<img src="data:text/html,x">', '<base href="https://x.example">', '<meta http-equiv="refresh" content="0">',
  ])("takes out what is dangerous: %s", (html) => {
    expect(outgoingHtml(html)).not.toMatch(/script|<style|iframe|onclick|form|input|url\(|position|expression|svg|file:|text\/html|base|meta/i)
  })
  it("gives pictures the address that they have in the mail", () => {
    expect(outgoingHtml('<img src="attachment:1"><img src="https://x.example/a.png"><img src="cid:old">', (src) => (src === "attachment:1" ? "cid:new" : src === "cid:old" ? null : undefined))).toBe('<img src="cid:new" /><img src="https://x.example/a.png" />')
  })
})

describe("the text of HTML", () => {
  it.each([
    ["<p>One</p><p>Two &amp; <b>three</b><br>four</p>", "One\n\nTwo & three\nfour"],
    ["<div>a</div><div>b</div><div><br></div><div>c</div>", "a\nb\n\nc"],
    ["<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>", "- a\n- b\n  1. c\n  2. d"],
    ['<p>see <a href="https://x.example/">here</a> or <a href="https://x.example/">x.example</a></p>', "see here <https://x.example/> or x.example"],
    ["<p>yes</p><blockquote><p>a</p><blockquote>b</blockquote></blockquote><p>no</p>", "yes\n\n> a\n>\n>> b\n\nno"],
    ["<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", "a \tb\nc \td"],
    ["<pre>  a\n   b</pre>", "  a\n   b"],
    ["1 &lt; 2 &#8364; &unknown;", "1 < 2 € &unknown;"],
    ['<img src="cid:x" alt="Logo">', "[Logo]"],
    ["", ""],
  ])("%j", (html, text) => expect(htmlText(html)).toBe(text))

  it("is quoted line by line", () => expect(quotedText("a\r\n> b\r\n\r\nc\r\n-- \r\nme")).toBe("> a\n>> b\n>\n> c"))
  it("becomes HTML that says the same", () => {
    expect(textHtml("<b> & 'x'\n  y")).toBe("&#60;b&#62; &#38; &#39;x&#39;<br>\n &nbsp;y")
    expect(htmlText(escapeHtml("<b> & 'x'"))).toBe("<b> & 'x'")
  })
})
