import type { Folder, SpecialUse } from "@lifeboat/shared/schemas/mail"
import { expect, it } from "vitest"
import { sortFolders } from "./folder-look.ts"

const folder = (path: string, specialUse: SpecialUse | null = null): Folder => ({ id: path, name: path, path, specialUse, total: 0, unread: 0 })

it("puts special folders first in their usual order, the others by path", () => {
  const sorted = sortFolders([folder("b/x"), folder("Trash", "trash"), folder("a"), folder("Sent", "sent"), folder("b"), folder("INBOX", "inbox")])
  expect(sorted.map((each) => each.path)).toEqual(["INBOX", "Sent", "Trash", "a", "b", "b/x"])
})
