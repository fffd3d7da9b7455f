import { expect, it } from "vitest"
import { readableSize } from "./size.ts"

it.each([[0, "0 B"], [812, "812 B"], [999, "999 B"], [1000, "1 KB"], [4213, "4,2 KB"], [999_600, "1 MB"], [25_000_000, "25 MB"], [134_200_000, "134 MB"]])("%d bytes read %s", (bytes, expected) => {
  expect(readableSize(bytes, "de")).toBe(expected)
})
