import { describe, expect, it } from "vitest"
import { decideRecipient, type RecipientDecision, type RecipientFacts } from "./decide-recipient.ts"

const nobody: RecipientFacts = { hasPrimary: true, mode: "normal", known: false, postmaster: false, learned: false, primary: "none" }

const table: readonly (readonly [string, Partial<RecipientFacts>, RecipientDecision])[] = [
  ["no primary, known: never lost, never bounced", { hasPrimary: false, known: true }, "domainWithoutPrimary"],
  ["no primary, unknown: nobody can say", { hasPrimary: false }, "domainWithoutPrimary"],
  ["normal, the primary accepts", { primary: "accepted" }, "accept"],
  ["normal, the primary refuses", { primary: "refused" }, "unknownRecipient"],
  ["normal, the primary refuses one of the directory", { primary: "refused", known: true }, "unknownRecipient"],
  ["normal, the primary refuses a learned one", { primary: "refused", learned: true }, "unknownRecipient"],
  ["normal, the primary cannot say, nobody vouches", {}, "recipientUnverified"],
  ["normal, the primary cannot say, known", { known: true }, "accept"],
  ["normal, the primary cannot say, learned", { learned: true }, "accept"],
  ["normal, postmaster even if refused", { postmaster: true, primary: "refused" }, "accept"],
  ["emergency, known", { mode: "emergency", known: true }, "accept"],
  ["emergency, learned", { mode: "emergency", learned: true }, "accept"],
  ["emergency, postmaster", { mode: "emergency", postmaster: true }, "accept"],
  ["emergency, unknown", { mode: "emergency" }, "unknownRecipient"],
  ["emergency, the primary's old word does not count", { mode: "emergency", known: true, primary: "refused" }, "accept"],
  ["recovering, known", { mode: "recovering", known: true }, "accept"],
  ["recovering, unknown", { mode: "recovering" }, "unknownRecipient"],
]

describe("who exists", () => {
  it.each(table)("%s", (_name, facts, decision) => expect(decideRecipient({ ...nobody, ...facts })).toBe(decision))
})
