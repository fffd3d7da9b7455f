import { expect, it } from "vitest"
import { letterAddress } from "./silent-frame.ts"

it("leads to a page of ours that has the whole link", () => {
  const address = new URL(letterAddress("mailto:otto@suedwind.example?subject=Frage&body=A%26B"), "https://lifeboat.example.com")
  expect(address.pathname).toBe("/mail")
  expect(address.searchParams.get("mailto")).toBe("mailto:otto@suedwind.example?subject=Frage&body=A%26B")
})
