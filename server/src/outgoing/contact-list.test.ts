import { describe, expect, it } from "vitest"
import { matchPeople, peopleOf, type KnownPerson, type PastMail } from "./contact-list.ts"

const now = new Date("2026-06-15T00:00:00Z")
const mail = (change: Partial<PastMail>): PastMail => ({ receivedAt: now, sent: false, from: "", to: "", recipients: [], ...change })
const colleague = (name: string, address: string, aliases: string[] = []): KnownPerson => ({ contact: { name, address, source: "directory" }, aliases, weight: 0 })

describe("people of past mails", () => {
  it("come by how often and how lately they were written to; oneself and machines are left out", () => {
    const people = peopleOf(
      [
        mail({ from: "Carla <carla@elsewhere.example>" }), mail({ from: "Carla <carla@elsewhere.example>" }), mail({ from: '"Doe, John" <john@elsewhere.example>' }),
        mail({ sent: true, to: "Eva Maier <eva@elsewhere.example>, bare@elsewhere.example", recipients: ["eva@elsewhere.example", "bare@elsewhere.example", "hidden@elsewhere.example"] }),
        mail({ sent: true, to: "old@elsewhere.example", receivedAt: new Date(now.getTime() - 80 * 86_400_000) }),
        mail({ from: "Anna <anna@example.com>" }), mail({ from: "no-reply@shop.example" }), mail({ from: "nonsense" }), mail({ from: '"ceo@example.com" <fraud@elsewhere.example>' }),
      ],
      new Set(["anna@example.com"]), now,
    )
    expect(people.map(({ contact }) => `${contact.name}|${contact.address}`)).toEqual(["Eva Maier|eva@elsewhere.example", "|bare@elsewhere.example", "|hidden@elsewhere.example", "Carla|carla@elsewhere.example", "Doe, John|john@elsewhere.example", "|fraud@elsewhere.example", "|old@elsewhere.example"])
  })
})

describe("who fits", () => {
  const people = [
    ...peopleOf([mail({ from: "Jürgen Müller <jm@elsewhere.example>" }), mail({ from: "Boris <boris@example.com>" }), mail({ sent: true, to: "annabel@elsewhere.example" })], new Set(), now),
    colleague("Boris Großmann", "boris@example.com", ["bg@example.com"]), colleague("Hannah Berg", "hannah.berg@example.com"), colleague("Anna Weiß", "anna@example.com"),
  ]
  it.each([
    ["bor", ["boris@example.com"]],
    ["BG@", ["boris@example.com"]],
    ["grossm", ["boris@example.com"]],
    ["mull", ["jm@elsewhere.example"]],
    ["müll jür", ["jm@elsewhere.example"]],
    ["ann", ["anna@example.com", "annabel@elsewhere.example"]],
    ["berg", ["hannah.berg@example.com"]],
    ["elsewhere", ["annabel@elsewhere.example", "jm@elsewhere.example"]],
    ["annah", []], ["", []], ["  ", []], ["(", []],
  ])("%j", (typed, addresses) => expect(matchPeople(people, typed, 8).map(({ address }) => address)).toEqual(addresses))

  it("is quick among many", () => {
    const many = Array.from({ length: 10_000 }, (_, n) => colleague(`Person ${n} Müller${n}`, `person${n}@example.com`))
    matchPeople(many, "pers", 8)
    const began = performance.now()
    expect(matchPeople(many, "müller99", 8)).toHaveLength(8)
    expect(performance.now() - began).toBeLessThan(500)
  })
})
