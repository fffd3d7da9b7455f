import { attribute, family, type Vector } from "./hostile-vector.ts"

const at = (outside: string, name: string) => `${outside}/${name}`

const urlProperties = ["background", "background-image", "list-style", "list-style-image", "border-image", "border-image-source", "cursor", "content", "mask", "mask-image", "-webkit-mask", "clip-path", "filter", "-webkit-filter", "backdrop-filter", "shape-outside", "fill", "stroke", "marker", "marker-start", "offset-path", "src", "behavior", "-moz-binding"]

const declarations: readonly string[] = [
  "background:url(URL", "background:url( 'URL' )", "background:URL(URL)", "background:u\\72l(URL)", "background:\\75rl(URL)", "background:url/**/(URL)", "background:image-set('URL' 1x)", "background:-webkit-image-set(url(URL) 1x)", "background:cross-fade(url(URL),url(URL))", "background:image('URL')", "background:src('URL')", "--x:url(URL);background:var(--x)", "background:var(--y,url(URL))",
  "background:attr(title type(<url>))", "background:paint(x),url(URL)", "background:element(#x),url(URL)", "width:expression(alert(1))", "position:fixed;inset:0;z-index:99999;background:red", "position:fixed!important;top:0;left:0;width:100%;height:100%", "position:sticky;top:0;background:url(URL)", "animation:x 1s;background:url(URL)", "background:red;}body{background:url(URL)", "background:url(\"URL\n\")", "background:url(data:image/svg+xml,<svg onload='alert(1)'/>)", "background-image:linear-gradient(red,blue),url(URL)",
  "font:1px x;src:url(URL)", "color:red;/*;background:url(URL);*/", "color:red\\;background:url(URL)", "background:url(&quot;URL&quot;)", "background:url(&#x27;URL&#x27;)", "list-style:url(//HOST/PATH)", "background:url(\\/\\/HOST/PATH)", "background:url(https:HOST)",
]

const sheets: readonly string[] = [
  "@import 'URL';", "@import url(URL);", "@import url(URL) layer(x) supports(display:grid) screen;", "@\\69mport 'URL';", "@IMPORT 'URL';", "@font-face{font-family:x;src:url(URL)}p{font-family:x}", "@namespace url(URL);", "@page{background:url(URL)}", "@media all{p{background:url(URL)}}", "@supports (display:block){p{background:url(URL)}}", "@layer x{p{background:url(URL)}}", "@container (min-width:0){p{background:url(URL)}}", "@scope (body){p{background:url(URL)}}",
  "@starting-style{p{background:url(URL)}}", "@property --x{syntax:'<url>';inherits:false;initial-value:url(URL)}", "@keyframes x{from{background:url(URL)}}p{animation:x 1s}", "@counter-style x{system:cyclic;symbols:url(URL)}li{list-style:x}", "@document url(URL){p{color:red}}", "p{background:url(URL)", "p::before{content:url(URL)}", "p{&{background:url(URL)}}", "p{b{background:url(URL)}}", "a[href^='h']{background:url(URL)}", "a:visited{background:url(URL)}", "input[value^='a']{background:url(URL)}",
  "html{background:url(URL)}", ":root{--x:url(URL)}p{background:var(--x)}", "p{background:image-set('URL' 1x)}", "<!--p{background:url(URL)}-->", "p{color:red}</style><img src=URL><style>", "p{font-family:'</style><img src=URL>'}", "@charset 'utf-7';p{background:url(URL)}", "@import 'URL", "}p{background:url(URL)}", "*{background:url(URL)!important}", "::-webkit-scrollbar{background:url(URL)}", "::selection{background:url(URL)}", "@media (prefers-color-scheme:light){p{background:url(URL)}}", "html,body{height:100vh!important;position:fixed!important}",
]

const pictures: readonly string[] = [
  "<img src='URL'>", "<img src=URL>", "<IMG SRC='URL'>", "<img src=' URL'>", "<img src='\tURL'>", "<img src='\u0001URL'>", "<img src='//HOST/PATH'>", "<img src='\\\\HOST\\PATH'>", "<img src='/\\HOST/PATH'>", "<img src='https:HOST/PATH'>", "<img src='http:/HOST/PATH'>", "<img srcset='URL 1x'>", "<img src=data:, srcset='URL 2x, URL 3x'>", "<img src=x lowsrc='URL' dynsrc='URL' longdesc='URL'>", "<picture><source srcset='URL'><img src=data:,></picture>", "<image src='URL'>", "<img src='view-source:URL'>", "<img src='blob:URL'>", "<img src='ftp://HOST/PATH'>",
  "<img src='data:image/svg+xml,<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"URL\"/></svg>'>", "<img src='data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+'>", "<img src='data:text/html,<script>alert(1)</script>'>", "<img src='cid:URL'>", "<img src='&#104;ttp&#58;//HOST/PATH'>", "<img src='URL' crossorigin loading=eager fetchpriority=high>", "<img src=/api/session>", "<img usemap=#m src=data:,><map name=m><area href=URL shape=default></map>", "<img attributionsrc='URL' src=data:,>", "<img src='/api/mail/picture?u=URL&s=x'>",
]

const elements: readonly string[] = [
  "<table background='URL'><tr><td background='URL'>x</td></tr></table>", "<body background='URL'>", "<iframe src='URL'></iframe>", "<iframe srcdoc='<img src=URL>'></iframe>", "<frameset><frame src='URL'></frameset>", "<fencedframe src='URL'></fencedframe>", "<portal src='URL'></portal>", "<object data='URL'></object>", "<object type=text/html data='URL'></object>", "<object><param name=src value='URL'></object>", "<embed src='URL'>", "<applet code=x archive='URL'></applet>", "<video src='URL' autoplay></video>", "<video poster='URL'></video>", "<video><track default src='URL'></video>",
  "<audio src='URL' autoplay></audio>", "<audio><source src='URL'></audio>", "<bgsound src='URL'>", "<input type=image src='URL'>", "<link rel=stylesheet href='URL'>", "<link rel=prefetch href='URL'>", "<link rel=preload as=image href='URL'>", "<link rel=preconnect href='URL'>", "<link rel=dns-prefetch href='URL'>", "<link rel=modulepreload href='URL'>", "<link rel=icon href='URL'>", "<link rel=manifest href='URL'>", "<link rel=import href='URL'>", "<link rel=prerender href='URL'>", "<meta http-equiv=refresh content='0;url=URL'>", "<meta http-equiv=refresh content='0;javascript:alert(1)'>",
  "<meta http-equiv=set-cookie content='a=b'>", "<meta http-equiv=Content-Security-Policy content=\"default-src *\">", "<meta charset=utf-7>", "<meta name=referrer content=unsafe-url><img src='URL'>", "<base href='URL/'><img src=relative.png>", "<base target=_top><a href=URL>x</a>", "<form action='URL' id=f><input name=p value=secret><button>Weiter</button></form>", "<button form=f formaction='URL'>Senden</button>", "<form action='URL'><input type=password autofocus></form>", "<isindex action='URL'>", "<keygen autofocus>", "<dialog open style=position:fixed>Anmelden <input></dialog>",
  "<a ping='URL' href='https://ok.example'>x</a>", "<a attributionsrc='URL' href='https://ok.example'>x</a>", "<html manifest='URL'>", "<q cite='URL'>x</q>", "<blockquote cite='URL'>x</blockquote>", "<xml src='URL' id=x></xml>", "<div datasrc='URL'></div>", "<layer src='URL'></layer>", "<ilayer src='URL'></ilayer>", "<head profile='URL'></head>", "<script type=speculationrules>{\"prefetch\":[{\"source\":\"list\",\"urls\":[\"URL\"]}]}</script>", "<div itemscope><link itemprop=url href='URL'></div>", "<selectlist popover><option style='background:url(URL)'>x</option></selectlist>", "<geolocation onlocation=ACT></geolocation>",
]

const drawings: readonly string[] = [
  "<svg><image href='URL'/></svg>", "<svg><image xlink:href='URL'/></svg>", "<svg><use href='URL#x'/></svg>", "<svg><feImage href='URL'/></svg>", "<svg><a href='javascript:ACT'><text>x</text></a></svg>", "<svg><script>ACT</script></svg>", "<svg><script href='URL'/></svg>", "<svg><foreignObject><iframe src='URL'></iframe></foreignObject></svg>", "<svg><style>@import 'URL'</style></svg>", "<svg><rect fill='url(URL#x)'/></svg>", "<svg><rect style='fill:url(URL#x)'/></svg>", "<svg><animate onbegin=ACT attributeName=x dur=1s></svg>", "<svg><set attributeName=onmouseover to=ACT></svg>",
  "<svg><a><animate attributeName=href values='javascript:ACT'/><text>x</text></a></svg>", "<svg><image><animate attributeName=href to='URL'/></image></svg>", "<svg><filter id=f><feImage xlink:href='URL'/></filter><rect filter='url(#f)'/></svg>", "<svg><pattern id=p><image href='URL'/></pattern></svg>", "<svg><discard onbegin=ACT></svg>", "<svg><handler type=text/javascript>ACT</handler></svg>", "<svg><title><img src='URL'></title></svg>", "<svg xmlns:x='URL'><x:script>ACT</x:script></svg>", "<math href='javascript:ACT'>x</math>", "<math><maction actiontype=statusline xlink:href='javascript:ACT'>x</maction></math>", "<math><mglyph src='URL'/></math>", "<math><ms style='background:url(URL)'>x</ms></math>",
]

const schemes = ["javascript:ACT", "JaVaScRiPt:ACT", " javascript:ACT", "\tjavascript:ACT", "java\tscript:ACT", "java\nscript:ACT", "java\rscript:ACT", "java\u0000script:ACT", "\u0001javascript:ACT", "\u0008javascript:ACT", "javascript\u0000:ACT", "javascript&colon;ACT", "&#106;avascript:ACT", "&#x6a;avascript:ACT", "&#0000106avascript:ACT", "javascript&#58;ACT", "javascript:/*--></title>*/ACT", "javascript://%0aACT", "vbscript:ACT", "livescript:ACT", "mocha:ACT", "data:text/html,<script>ACT</script>", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "data:image/svg+xml,<svg onload=ACT>", "blob:x", "filesystem:x", "file:///etc/passwd", "view-source:x", "about:blank", "intent://x#Intent;end", "ms-word:ofe|u|URL", "search-ms:query=x&crumb=location:\\\\HOST", "feed:javascript:ACT", "jar:URL!/x", "//HOST/PATH\\@x", "\u3000javascript:ACT", "\u00a0javascript:ACT", "javascript\u00ad:ACT"]

/** What browsers, and the mail programs before them, learned late or kept for long. */
const unusual: readonly string[] = [
  "<script type=speculationrules>{\"prefetch\":[{\"urls\":[\"URL\"]}]}</script>", "<script type=importmap>{\"imports\":{\"x\":\"URL\"}}</script>", "<link rel=preload as=image imagesrcset='URL 1x' imagesizes=1px href='URL'>", "<link rel='stylesheet alternate' title=x href='URL'>", "<link rel=expect blocking=render href='#x'>", "<meta http-equiv='&#82;efresh' content='0;URL'>",
  "<meta http-equiv=Link content='<URL>;rel=stylesheet'>", "<div><template shadowrootmode=open><style>:host{background:url(URL)}</style><img src='URL'></template></div>", "<fencedframe></fencedframe><portal src='URL'></portal>", "<button popovertarget=x commandfor=x command=show-popover>x</button><div popover id=x style='background:url(URL)'>x</div>", "<dialog open style='background:url(URL)'><form method=dialog><button formaction='URL'>x</button></form></dialog>",
  "<style>@layer a{p{background:url(URL)}}@scope{p{background:url(URL)}}@container (min-width:1px){p{background:url(URL)}}p{&:hover{background:url(URL)}}</style><p>x</p>", "<style>@page{background:url(URL)}@media print{p{background:url(URL)}}</style><p>x</p>", "<details open><summary style='list-style-image:url(URL)'>x</summary><p style='background:url(URL)'>x</p></details>", "<img lowsrc='URL' dynsrc='URL' longdesc='URL' usemap='#m' src='#'><map name=m><area href='URL' ping='URL'></map>",
  "<img src='http:URL'><img src='https:/HOST/PATH'><img src='///HOST/PATH'><img src='/&#9;/HOST/PATH'>", "<p style='background:url(\"/&#9;/HOST/PATH\");background-image:url(\"\\68ttp://HOST/PATH\")'>x</p>", "<!--[if mso]><v:fill src='URL'/><![endif]--><v:rect style='behavior:url(#default#VML)'><v:fill src='URL'/></v:rect>", "<!DOCTYPE x [<!ENTITY y SYSTEM 'URL'>]>&y;<?xml-stylesheet href='URL'?>", "<math href='URL'><mtext><img src='URL'></mtext><maction actiontype=statusline xlink:href='URL'>x</maction></math>",
  "<a href='ms-msdt:/id'>x</a><a href='search-ms:query=x'>x</a><a href='ms-word:ofe|u|URL'>x</a><a href='view-source:URL'>x</a>",
]

const fill = (text: string, outside: string, name: string) => {
  const url = new URL(at(outside, name))
  return text.replaceAll("URL", url.href).replaceAll("HOST", url.host).replaceAll("PATH", name).replaceAll("ACT", attribute(outside, name))
}

/** Everything that wants to load, send, cover or lead astray. */
export const loadVectors: readonly Vector[] = [
  ...family("css-property", urlProperties, (property, outside, name) => `<p style="${property}:url(${at(outside, name)})">x</p>`),
  ...family("css-value", declarations, (text, outside, name) => `<p style="${fill(text, outside, name)}">x</p>`),
  ...family("css-sheet", sheets, (text, outside, name) => `<style>${fill(text, outside, name)}</style><p>x</p><a href="https://ok.example">x</a>`, false),
  ...family("picture", pictures, fill),
  ...family("element", elements, fill, false),
  ...family("drawing", drawings, fill),
  ...family("unusual", unusual, fill, false),
  ...family("link", schemes, (scheme, outside, name) => `<a href="${fill(scheme, outside, name)}">klick</a>`),
]
