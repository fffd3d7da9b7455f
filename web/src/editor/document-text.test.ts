import { expect, it } from "vitest"
import { hasFormatting, htmlOfText, type TextNode, textOf } from "./document-text.ts"

const text = (value: string, ...marks: TextNode["marks"] & {}): TextNode => ({ type: "text", text: value, ...(marks.length > 0 ? { marks } : {}) })
const p = (...content: TextNode[]): TextNode => ({ type: "paragraph", content })
const doc = (...content: TextNode[]): TextNode => ({ type: "doc", content })
const item = (...content: TextNode[]): TextNode => ({ type: "listItem", content })

it("keeps lines, lists, quotes, links, tables and the signature", () => {
  expect(textOf(doc(
    p(text("Hello "), text("Ben", { type: "bold" })),
    p(),
    { type: "orderedList", attrs: { start: 3 }, content: [item(p(text("three"))), item(p(text("four")), { type: "bulletList", content: [item(p(text("deep")))] })] },
    { type: "blockquote", content: [p(text("said")), p()] },
    p(text("see ", ), text("the page", { type: "link", attrs: { href: "https://x.test/" } }), text(" or "), text("a@x.test", { type: "link", attrs: { href: "mailto:a@x.test" } })),
    { type: "table", content: [{ type: "tableRow", content: [{ type: "tableCell", content: [p(text("a"))] }, { type: "tableCell", content: [p(text("b"))] }] }] },
    p(text("one"), { type: "hardBreak" }, text("two"), { type: "picture", attrs: { alt: "Plan" } }),
    { type: "signature", content: [p(text("Anna"))] },
  ))).toBe("Hello Ben\n\n3. three\n4. four\n   - deep\n> said\n>\nsee the page <https://x.test/> or a@x.test\na\tb\none\ntwo[Plan]\n-- \nAnna")
})

it("knows what plain text cannot say", () => {
  expect(hasFormatting(doc(p(text("a"), { type: "hardBreak" }), { type: "signature", content: [p(text("Anna"))] }))).toBe(false)
  expect(hasFormatting(doc(p(text("a", { type: "bold" }))))).toBe(true)
  expect(hasFormatting(doc({ type: "bulletList", content: [item(p())] }))).toBe(true)
})

it("makes paragraphs of lines and takes no markup for markup", () => {
  expect(htmlOfText("a <b>\n\n  x & y\n-- \nAnna\nSales")).toBe('<p>a &lt;b&gt;</p><p></p><p>\u00a0 x &amp; y</p><div class="lifeboat-signature"><p>Anna</p><p>Sales</p></div>')
})
