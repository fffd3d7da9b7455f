import { describe, expect, it } from "vitest"
import { isRead, kindOf, passesBy, spellings, surplus } from "./kinds.ts"

const files = new Set(["/assets/index-abc.js", "/lifeboat.svg"])

describe("a request", () => {
  it.each([
    ["/mail/inbox", "page"], ["/", "page"], ["/archive/0abc", "page"], ["/panel/example.com/users", "page"], ["/panel/example.com", "pass"],
    ["/api/openapi.json", "pass"], ["/api/archive/1/raw", "pass"], ["/addin/pane", "pass"], ["/mail/config-v1.1.xml", "pass"], ["/healthz", "pass"],
  ] as const)("that fills a tab: %s is %s", (path, kind) => expect(kindOf(path, true, files)).toBe(kind))
  it.each([
    ["/assets/index-abc.js", "file"], ["/assets/index-old.js", "pass"], ["/lifeboat.svg", "file"],
    ["/api/session", "once"], ["/api/mail/folders", "once"], ["/api/mail/status", "once"],
    ["/api/mail/folders/5f/messages", "list"], ["/api/archive", "list"],
    ["/api/mail/folders/5f/messages/12", "mail"], ["/api/mail/folders/5f/messages/12/html", "mail"], ["/api/mail/threads/t1", "mail"], ["/api/archive/0abc", "mail"], ["/api/archive/0abc/html", "mail"], ["/api/tracking/0abc", "mail"],
    ["/api/mail/folders/5f/messages/12/raw", "pass"], ["/api/mail/folders/5f/messages/12/attachments/1", "pass"], ["/api/mail/stream", "pass"], ["/api/tracking/stream", "pass"], ["/api/archive/zip", "pass"],
    ["/api/domains/example.com/users", "pass"], ["/api/demo", "pass"], ["/sw.js", "pass"],
  ] as const)("of a page: %s is %s", (path, kind) => expect(kindOf(path, false, files)).toBe(kind))
})

it("searches and places that somebody jumped to are not kept; the beginning of a list and its next pages are", () => {
  expect(["?limit=30&q=a", "?limit=50&offset=50&q=a", "?limit=14&offset=49992&count=false", "?limit=30&offset=492&count=false&conversations=true"].map(passesBy)).toEqual([true, true, true, true])
  expect(["", "?limit=30", "?limit=30&conversations=true", "?limit=50&offset=30"].map(passesBy)).toEqual([false, false, false, false])
})

it("a mail of the mailbox and its page come without the worker; its files, its source and the archive are no such thing", () => {
  expect(["/api/mail/folders/5f/messages/12", "/api/mail/folders/5f/messages/12/html"].map(isRead)).toEqual([true, true])
  expect(["/api/mail/folders/5f/messages", "/api/mail/folders/5f/messages/12/raw", "/api/mail/folders/5f/messages/12/attachments/1", "/api/archive/0abc", "/api/mail/folders"].map(isRead)).toEqual([false, false, false, false, false])
})

it("the oldest beyond the limit of their kind are surplus", () => {
  const entries = ["mail 1", "list 1", "mail 2", "once", "mail 3", "list 2"]
  const kind = (entry: string) => (entry.startsWith("mail") ? "mail" : entry.startsWith("list") ? "list" : "once")
  expect(surplus(entries, kind, { mail: 2, list: 2 })).toEqual(["mail 1"])
  expect(surplus(entries, kind, { mail: 0, list: 1 })).toEqual(["mail 3", "mail 2", "list 1", "mail 1"])
  expect(surplus([], kind, { mail: 2 })).toEqual([])
})

it("a folder is found by its id and by its special use", () => {
  const folders = [{ id: "5f", specialUse: "inbox" }, { id: "60", specialUse: null }]
  const at = (folder: string) => `https://x.example/api/mail/folders/${folder}/messages?limit=50`
  expect(spellings(at("inbox"), folders)).toEqual([at("inbox"), at("5f")])
  expect(spellings(at("5f"), folders)).toEqual([at("5f"), at("inbox")])
  for (const name of ["60", "trash"]) expect(spellings(at(name), folders)).toEqual([at(name)])
  expect(spellings("https://x.example/api/mail/folders", folders)).toEqual(["https://x.example/api/mail/folders"])
})
