import { describe, expect, it } from "vitest"
import { bareText, sanitizeMailHtml } from "./mail-html.ts"

const clean = (html: string) => sanitizeMailHtml(html, (src) => (src === "cid:known" ? "data:image/png;base64,AA==" : undefined))

it("takes only what is shown for the bare text", () => {
  expect(bareText("<html><head><title>T</title><STYLE>p > a {}</STYLE></head><p>Good <b>day</b><script>if (a<b) x()</script></style>, you<p>")).toBe("Good day, you")
})

describe("sanitizeMailHtml", () => {
  it.each([
    "<script>x</script>", "<style>@import 'https://e.example/x.css'</style>", "<svg onload=x><script>y</script></svg>", "<math><mi xlink:href='https://e.example'>",
    '<img src=x onerror="x">', '<a href="javascript:x">', '<a href=" &#106;avascript:x">', '<a href="vbscript:x">', '<a href="data:text/html,x">', '<iframe src="https://e.example"></iframe>',
    '<object data="https://e.example"></object>', '<embed src="https://e.example">', '<link rel=stylesheet href="https://e.example/x.css">', '<meta http-equiv=refresh content="0;url=https://e.example">',
    '<base href="https://e.example/">', '<form action="https://e.example"><input name=a><button>b</button></form>', '<video poster="https://e.example/p" src="https://e.example/v"></video>',
    '<audio src="https://e.example/a"></audio>', '<img srcset="https://e.example/a 1x">', '<td background="https://e.example/b">', '<div style="background:url(https://e.example/x)">',
    '<div style="background:u\\72l(https://e.example/x)">', "<div style=\"background:image-set('https://e.example/x' 1x)\">", '<div style="width:expression(x)">', '<div style="-moz-binding:url(https://e.example)">',
    '<div style="position:fixed;top:0">', '<img src="//e.example/x.png">', '<img src="HTTPS://e.example/x.png">', '<img src="data:image/svg+xml;base64,PHN2Zz4=">', '<img src="/api/session">', '<input type=image src="https://e.example/x">',
    "<noscript><p title=\"</noscript><img src=x onerror=x>\">", "<textarea><script>x</script></textarea>", "<template><script>x</script></template>", '<a href="https://ok.example" ping="https://e.example">', '<p id="x" class="y" name="z">', '<svg><use href="https://e.example/x#y"/></svg>',
    "<math><mtext><table><mglyph><style><img src=x onerror=x>", '<animate attributeName=href values="javascript:x">',
  ])("makes %s harmless", (html) => {
    const result = clean(html).html
    expect(result).not.toMatch(/e\.example|<script|<style|<svg|<math|<iframe|<object|<embed|<link|<meta|<base|<form|<input|<button|<template|javascript|vbscript|position|expression|binding|\son\w+=|ping=|class=|\sid=|\/api\//i)
  })

  it.each([
    ['<img src="https://e.example/a.png"><img src="//e.example/b">', 2],
    ['<td background="https://e.example/b" style="background-image:url(https://e.example/c)">', 2],
    ['<img src="cid:known"><img src="data:image/png;base64,AA==">', 0],
  ])("counts what would be loaded from elsewhere in %s", (html, count) => expect(clean(html).remoteContent).toBe(count))

  it("keeps what a letter needs", () => {
    expect(clean('<table style="color:red; width: 100%"><tr><td align="right"><b>x</b> <img src="cid:known" alt="y"></td></tr></table>').html).toBe(
      '<table style="color:red; width:100%"><tr><td align="right"><b>x</b> <img src="data:image/png;base64,AA==" alt="y" /></td></tr></table>',
    )
    expect(clean('<a href="mailto:a@b.example">m</a>').html).toBe('<a href="mailto:a@b.example" target="_blank" rel="noopener noreferrer nofollow">m</a>')
  })

  it("ends in time, however deep or long", () => {
    const start = performance.now()
    clean("<div>".repeat(100_000))
    clean("<b style='a:b;".repeat(50_000))
    clean("<".repeat(1_000_000))
    expect(performance.now() - start).toBeLessThan(10_000)
  })

  it("keeps style sheets only for a document of the mail's own, made harmless", () => {
    const letter = "<style>.a{color:red;position:fixed}@import url(https://e.example);</style><p class=a id=b>x</p>"
    expect(clean(letter)).toMatchObject({ html: "<p>x</p>", styles: "" })
    expect(sanitizeMailHtml(letter, () => undefined, { sheets: true })).toEqual({ html: '<p class="a" id="b">x</p>', styles: ".a{color:red}", remoteContent: 1, darkReadable: true, reduced: false })
  })

  it("shows pictures from outside at the address it is given, and no other", () => {
    const remotePicture = (url: string) => `/proxy?u=${encodeURIComponent(url)}`
    const shown = sanitizeMailHtml('<img src="https://e.example/a.png" srcset="https://e.example/b 2x"><img srcset="//e.example/c 1x"><td background="https://e.example/d"><img src="/api/session">', () => undefined, { remotePicture }).html
    expect(shown.replace(/\/proxy\?u=https%3A%2F%2Fe\.example%2F\w/g, "")).not.toMatch(/e\.example|\/api/)
    expect(shown.match(/\/proxy/g)).toHaveLength(3)
  })

  it("turns no text round: links would show another address than they have", () => {
    expect(clean('<bdo dir=rtl>moc.knab</bdo><a href="https://e.example" style="unicode-bidi:bidi-override;direction:rtl">moc.knab</a>&#x202e;moc.knab\u202d').html).toBe('moc.knab<a href="https://e.example" style="direction:rtl" target="_blank" rel="noopener noreferrer nofollow">moc.knab</a>moc.knab')
  })

  it("keeps the colours of the whole letter, and drops those made for paper on dark ground", () => {
    expect(clean('<body bgcolor="#102030" text=white><p>x').html).toBe('<div bgcolor="#102030" style="background-color:#102030; color:white"><p>x</p></div>')
    expect(sanitizeMailHtml('<body bgcolor=white><font color=black>x</font>', () => undefined, { dark: true })).toMatchObject({ html: "<div><font>x</font></div>", darkReadable: true })
    expect(clean('<td bgcolor="#ffcc00">x').darkReadable).toBe(false)
  })

  it("shows what is made to keep it busy as bare text, in time", () => {
    for (const bomb of ["<div>".repeat(500_000), "<table><tr><td>".repeat(100_000), "<p>a</b>".repeat(300_000)]) {
      const start = performance.now()
      expect(sanitizeMailHtml(bomb, () => undefined, { sheets: true }).html.length).toBeLessThan(3_000_000)
      expect(performance.now() - start).toBeLessThan(8_000)
    }
    expect(clean(`${"<div>".repeat(5_000)}<script>x</script>&lt;b&gt;`).html).toMatch(/^<pre>[^<]*<\/pre>$/)
  })
})
