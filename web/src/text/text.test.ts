import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { baseCompile } from "@intlify/message-compiler"
import { apiErrors } from "@lifeboat/shared/api-errors"
import { describe, expect, it } from "vitest"
import de from "./de.json" with { type: "json" }
import en from "./en.json" with { type: "json" }

function leaves(value: unknown, prefix = ""): [string, string][] {
  return typeof value === "string" ? [[prefix, value]] : Object.entries(value as object).flatMap(([key, child]) => leaves(child, prefix === "" ? key : `${prefix}.${key}`))
}
const german = new Map(leaves(de))
const english = new Map(leaves(en))

describe("texts", () => {
  it("have the same keys in both languages", () => {
    expect([...german.keys()].sort()).toEqual([...english.keys()].sort())
  })
  it("name the same values and have plurals alike", () => {
    const shape = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort().join()
    for (const [key, text] of german) {
      expect(shape(english.get(key) ?? ""), key).toBe(shape(text))
      expect(english.get(key)?.split(" | ").length, key).toBe(text.split(" | ").length)
    }
  })
  it("compile", () => {
    for (const [key, text] of [...german, ...english]) {
      const failed: unknown[] = []
      baseCompile(text, { jit: true, onError: (error) => failed.push(error) })
      expect(failed, key).toEqual([])
    }
  })
  it("hold a sentence for every error of the API", () => {
    for (const code of Object.keys(apiErrors)) expect(german.has(`error.${code}`), code).toBe(true)
  })
  it("use the words of the handbook", () => {
    const words = ["Continuity Service", "Bereichsauswahl", "Sicherheitseinstellungen", "Alle Benutzer", "Nur ausgewählte Benutzer", "Continuity-Service-Benutzer", "Hinzufügen", "Benutzer auswählen", "Abbrechen", "Bestätigen", "Benutzer entfernen", "Email Live Tracking", "Verzögert", "Arbeitsbereich", "Notfallbetrieb", "Normalbetrieb", "Erneut zustellen"]
    const texts = new Set(german.values())
    for (const word of words) expect(texts.has(word), word).toBe(true)
  })
  it("are all used", () => {
    const folder = join(import.meta.dirname, "..")
    const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith(".test.ts")).map((name) => readFileSync(join(folder, name), "utf8")).join("\n")
    const made = [...sources.matchAll(/`([a-zA-Z]+\.[a-zA-Z.]*)\$\{[^}]*\}([a-zA-Z]*)`/g)].map(([, before = "", after = ""]) => new RegExp(`^${before.replaceAll(".", "\\.")}[\\w-]+${after}$`))
    const unused = [...german.keys()].filter((key) => !new RegExp(`["'\`]${key.replaceAll(".", "\\.")}["'\`]`).test(sources) && !made.some((pattern) => pattern.test(key)))
    expect(unused).toEqual([])
  })
})
