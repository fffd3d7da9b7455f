import { describe, expect, it } from "vitest"
import { cleanDeclarations, cleanSheet, type StyleWork } from "./safe-style.ts"

function work(change: Partial<StyleWork> = {}) {
  const seen = { leftOut: 0, unreadable: 0 }
  const rules: StyleWork = { dark: false, picture: (url) => (url.startsWith("cid:") ? `attachments/${url.slice(4)}` : undefined), leftOut: () => void seen.leftOut++, unreadableDark: () => void seen.unreadable++, ...change }
  return { seen, rules }
}
const declarations = (text: string, change: Partial<StyleWork> = {}) => cleanDeclarations(text, work(change).rules)
const sheet = (text: string) => cleanSheet(text, work().rules)

describe("cleanDeclarations", () => {
  it.each([
    ["color:red; WIDTH: 100%!important", "color:red; width:100%!important"],
    ["font:12px/1.5 Arial,'Helvetica Neue'", 'font:12px/1.5 Arial,"Helvetica Neue"'],
    ["background:#fff url(https://e.example/x) no-repeat", "background:#fff no-repeat"],
    ["background:url('cid:a') center / cover", "background:url(attachments/a)center/cover"],
    ["margin:0 auto;mso-line-height-rule:exactly;width:calc(100% - 4px)", "margin:0 auto; width:calc(100% - 4px)"],
  ])("keeps what a letter needs: %s", (text, kept) => expect(declarations(text)).toBe(kept))

  it.each([
    "position:fixed;top:0", "background:u\\72l(https://e.example)", "background:URL(//e.example)", "width:expression(alert(1))", "filter:progid:DXImageTransform.Microsoft.AlphaImageLoader(src='https://e.example')", "background:var(--x)", "--x:url(//e.example)",
    "content:'x'", "background:image-set('https://e.example' 1x)", "border-image:url(//e.example) 3", "cursor:url(//e.example),auto", "behavior:url(x)", "-moz-binding:url(x)", "height:100vh", "min-height:50dvh", "list-style-image:src('//e.example')", "wid/**/th:1px",
    "color:\\72 ed", "animation:x 1s", "z-index:9", "transform:scale(9)", "mask:url(//e.example)", "clip-path:url(//e.example)", "background:cross-fade(url(//e.example),red)", "background:element(#x)", "fill:url(//e.example)", "all:initial", "pointer-events:none",
  ])("drops %s", (text) => expect(declarations(text)).not.toMatch(/e\.example|position|url|expression|vh|content|src|--|\\|animation|z-index|transform|all|pointer|x:/i))

  it("counts what would have been loaded", () => {
    const { seen, rules } = work()
    cleanDeclarations("background:url(https://e.example/a),url(//e.example/b);list-style:url(http://e.example/c);background:var(--x);border-image:url(//e.example/d)", rules)
    expect(seen.leftOut).toBe(5)
  })

  it("shows pictures where they are wanted, as backgrounds only", () => {
    const change = { picture: (url: string) => `/api/mail/picture?u=${encodeURIComponent(url)}` }
    expect(declarations("background-image:url(https://e.example/x)", change)).toBe("background-image:url(/api/mail/picture?u=https%3A%2F%2Fe.example%2Fx)")
    expect(declarations("cursor:url(https://e.example/x),auto", change)).toBe("")
  })

  it("drops colours made for paper on dark ground, and says where that is not enough", () => {
    const dark = work({ dark: true })
    expect(cleanDeclarations("color:#000;background:#fff;border:1px solid red", dark.rules)).toBe("border:1px solid red")
    expect(cleanDeclarations("color:#fff", dark.rules)).toBe("color:#fff")
    expect(dark.seen.unreadable).toBe(0)
    for (const text of ["background:#ff0", "background-color:rgb(10,120,60)", "background:linear-gradient(red,blue)", "background:url(cid:a)", "background-color:hsl(1,2%,3%)", "background:rebeccapurple"]) cleanDeclarations(text, dark.rules)
    expect(dark.seen.unreadable).toBe(6)
  })
})

describe("cleanSheet", () => {
  it.each([
    ["p.a>b{color:red}@media (max-width:600px){.x{width:100%!important}}", "p.a>b{color:red}\n@media (max-width:600px){.x{width:100%!important}}"],
    ["<!-- p{color:red} -->", "p{color:red}"],
    ["@media(width<5px){p{color:red}}", "@media (width\\3c 5px){p{color:red}}"],
  ])("keeps %s", (text, kept) => expect(sheet(text)).toBe(kept))

  it.each([
    "@import url(//e.example);", "@import '//e.example';", "@font-face{font-family:x;src:url(//e.example)}", "@namespace x url(//e.example);", "@page{background:url(//e.example)}", "@supports(x:y){p{color:red}}", "@layer x{p{color:red}}", "@media (prefers-color-scheme:dark){p{color:#fff}}",
    "@media x{@media y{p{color:red}}}", "p{b{color:red}}", "p{background:url(//e.example)", "a[href^='https://x'] {color:red}", "a:visited{color:red}", ":host{margin-top:-400px}", ":host-context(body){color:red}", "p{unicode-bidi:bidi-override}", "@property --x{syntax:'<url>'}", "@container (x){p{color:red}}", "@keyframes x{to{color:red}}", ".\\3c x{color:red}", "p{}".repeat(3) + "</style><script>x</script>",
  ])("drops %s", (text) => expect(sheet(text)).toBe(""))

  it("is not stopped by bombs", () => {
    for (const text of ["a{" + "b{".repeat(50_000), "@media x{".repeat(50_000), "(".repeat(100_000)]) expect(sheet(text)).toBe("")
    for (const text of ["a:" + "(".repeat(19_000), "x".repeat(30_000)]) expect(declarations(text)).toBe("")
  })

  it("never ends its element, nor begins another", () => expect(sheet("p{font-family:'</style><script>x</script>'}q::after{content:'</style>'}")).not.toContain("<"))
})
