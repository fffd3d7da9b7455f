import { expect, it } from "vitest"
import { searchWords } from "./search-words.ts"

it.each([
  ["", []],
  ["  Rechnung ", ['"Rechnung"']],
  ["Rechnung Mai", ['"Rechnung"', '"Mai"']],
  ['"offene Rechnung" Mai', ['"offene Rechnung"', '"Mai"']],
  ['"offene  Rechnung', ['"offene Rechnung"']],
  ["rock and roll or pop", ['"rock"', '"and"', '"roll"', '"or"', '"pop"']],
  ["Re: Angebot", ['"Re"', '"Angebot"']],
  ['"Re: Angebot"', ['"Re: Angebot"']],
  ["https://example.com/x", ['"https"', '"//example.com/x"']],
  ["-10% (netto) \\", ['"10%"', '"(netto)"']],
  ['"-10 % netto"', ['"10 % netto"']],
  ["From:anna subject:Angebot", ["from:anna", "subject:Angebot"]],
  ["from:", ['"from"']],
  ['subject:"neues Angebot"', ['subject:"neues Angebot"']],
  ['" " : - \\', []],
])("%j is searched as %j", (text, words) => expect(searchWords(text)).toEqual(words))
