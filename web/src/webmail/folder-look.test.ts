import type { Folder, SpecialUse } from "@lifeboat/shared/schemas/mail"
import { expect, it } from "vitest"
import { folderName, sortFolders } from "./folder-look.ts"

const folder = (path: string, specialUse: SpecialUse | null = null): Folder => ({ id: path, name: path, path, specialUse, total: 0, unread: 0 })

it("a name that mail clients made is cut where it is too long, and one that shows nothing is said to be none", () => {
  expect(folderName(folder("Rechnungen 2026"))).toBe("Rechnungen 2026")
  expect(folderName(folder("x".repeat(500)))).toBe(`${"x".repeat(79)}…`)
  expect(folderName(folder(`${"x".repeat(78)}😀${"x".repeat(78)}`)).isWellFormed()).toBe(true)
  for (const name of ["", " ", "\u200b\u2060", "\u3164"]) expect(folderName(folder(name))).toBe("folder.unnamed")
})

it("puts special folders first in their usual order, the others by path", () => {
  const sorted = sortFolders([folder("b/x"), folder("Trash", "trash"), folder("a"), folder("Sent", "sent"), folder("b"), folder("INBOX", "inbox")])
  expect(sorted.map((each) => each.path)).toEqual(["INBOX", "Sent", "Trash", "a", "b", "b/x"])
})
