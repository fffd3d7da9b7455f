import { expect, it } from "vitest"
import { withPolicy } from "./local-data.ts"

it("a kept mail carries its policy before anything of its own", () => {
  const page = withPolicy("<!DOCTYPE html><html><body><p>Hi</p></body></html>", "default-src 'none'; img-src 'self' \"x\"; frame-ancestors 'self'; sandbox allow-popups")
  expect(page).toBe(`<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' &quot;x&quot;"><html><body><p>Hi</p></body></html>`)
})
