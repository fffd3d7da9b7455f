import { expect, it } from "vitest"
import { smarthostHop } from "./smarthost-hop.ts"

const auth = { user: "us", password: "secret" }

it.each([
  ["smtp.provider.example", undefined, "opportunistic"],
  ["smtp.provider.example", auth, "required"],
  ["192.0.2.1", auth, "required"],
  ["127.0.0.1", auth, "opportunistic"],
  ["::1", auth, "opportunistic"],
  ["localhost", auth, "opportunistic"],
])("%s with %j is spoken to with TLS %s", (host, credentials, tls) => {
  expect(smarthostHop({ host, port: 587, ...(credentials ? { auth: credentials } : {}) })).toMatchObject({ host, port: 587, tls })
})
