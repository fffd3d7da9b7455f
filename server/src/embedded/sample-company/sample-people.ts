import type { Role } from "@lifeboat/shared/schemas/session"

/** A person of the sample company. Everybody has the same password, shown on the page: it is a demonstration. */
export interface SamplePerson {
  readonly address: string
  readonly name: string
  readonly role: Role
}

export const sampleDomain = "example.com"
export const samplePassword = "lifeboat-demo"

export const samplePeople: readonly SamplePerson[] = [
  { address: "admin@example.com", name: "Alex Berger", role: "administrator" },
  { address: "anna@example.com", name: "Anna Schneider", role: "user" },
  { address: "ben@example.com", name: "Ben Okafor", role: "user" },
  { address: "clara@example.com", name: "Clara Rossi", role: "user" },
  { address: "david@example.com", name: "David Novák", role: "user" },
]

/** Addresses that the sample server knows and nobody entered in the panel (learned recipients, B3). */
export const unlistedAddresses = ["info@example.com", "rechnung@example.com"]
