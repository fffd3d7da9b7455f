import { describe, expect, it } from "vitest"
import type { StoredFolder } from "../../mailbox/wildduck-schemas.ts"
import { searchedFolders } from "./searched-folders.ts"

const folder = (path: string, specialUse: string | null = null): StoredFolder => ({ id: path, name: path.split("/").at(-1) ?? path, path, specialUse })
const inbox = folder("INBOX")
const all = [inbox, folder("Sent Mail", "\\Sent"), folder("Junk", "\\Junk"), folder("Trash", "\\Trash"), folder("Kunden/Köln")]
const searched = (place: string | undefined) => searchedFolders(place, inbox, all).map(({ path }) => path)

describe("where a search looks", () => {
  it.each([
    [undefined, ["INBOX"]],
    ["anywhere", ["INBOX", "Sent Mail", "Kunden/Köln"]],
    ["überall", ["INBOX", "Sent Mail", "Kunden/Köln"]],
    ["papierkorb", ["Trash"]],
    ["sent", ["Sent Mail"]],
    ["sent mail", ["Sent Mail"]],
    ["köln", ["Kunden/Köln"]],
    ["kunden/köln", ["Kunden/Köln"]],
    ["archive", ["INBOX"]],
    ["nowhere", []],
  ])("in:%s", (place, paths) => expect(searched(place)).toEqual(paths))
})
