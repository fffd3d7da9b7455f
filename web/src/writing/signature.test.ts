import { expect, it } from "vitest"
import { signatureText } from "./signature.ts"

it.each([
  ["<p>Anna Berg</p><p>Vertrieb<br>Tel. 030&nbsp;1234</p>", "Anna Berg\nVertrieb\nTel. 030 1234"],
  ["<div><b>Anna</b> &lt;anna@example.com&gt; &amp; Co &#8364; &#x41;</div>", "Anna <anna@example.com> & Co € A"],
  ["Anna", "Anna"],
  ["<p></p>", ""],
  ["&#99999999; &unknown;", "&#99999999; &unknown;"],
])("%j is %j", (html, text) => expect(signatureText(html)).toBe(text))
