import { expect, it } from "vitest"
import { fitting } from "./signature-picture.ts"

it.each([
  [100, 50, 1],
  [600, 200, 1],
  [1200, 200, 0.5],
  [400, 800, 0.25],
])("a picture of %d × %d becomes %d of it", (width, height, part) => expect(fitting(width, height)).toBe(part))
