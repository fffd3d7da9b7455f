import { expect, it } from "vitest"
import { isCalendar, isTnef, previewOf, typeOf } from "./part-kind.ts"

it.each([
  ["image/png", "a", "picture"],
  ["IMAGE/JPEG; name=x", "a", "picture"],
  ["image/jpg", "a", "picture"],
  ["application/octet-stream", "Foto.JPG", "picture"],
  ["image/svg+xml", "a.svg", "none"],
  ["image/tiff", "a.tif", "none"],
  ["text/plain", "a", "text"],
  ["text/html", "a.html", "text"],
  ["text/csv", "a", "text"],
  ["application/json", "a", "text"],
  ["application/problem+json", "a", "text"],
  ["application/octet-stream", "server.log", "text"],
  ["", "main.py", "text"],
  ["application/octet-stream", "invoice.exe", "none"],
  ["application/x-msdownload", "notes.txt", "none"],
  ["application/pdf", "a", "pdf"],
  ["application/octet-stream", "a.pdf", "pdf"],
  ["message/rfc822", "a", "mail"],
  ["application/octet-stream", "Re_ Frage.eml", "mail"],
  ["application/zip", "a.zip", "none"],
  ["text/rtf", "a.rtf", "none"],
])("%s named %s is shown as %s", (type, name, preview) => expect(previewOf(type, name)).toBe(preview))

it("takes a type as it is where it says something, whatever the name is", () => {
  expect(typeOf("text/plain", "a.png")).toBe("text/plain")
  expect(typeOf("application/x-pdf", "a")).toBe("application/pdf")
})

it("knows winmail.dat and calendars by type or by name", () => {
  expect(isTnef("application/ms-tnef", "part")).toBe(true)
  expect(isTnef("application/octet-stream", "WINMAIL.DAT")).toBe(true)
  expect(isTnef("text/plain", "winmail.dat")).toBe(false)
  expect(isCalendar("text/calendar; method=REQUEST", "")).toBe(true)
  expect(isCalendar("application/octet-stream", "invite.ics")).toBe(true)
  expect(isCalendar("text/plain", "invite.ics")).toBe(false)
})

it("is quick with a name of any length", () => {
  const started = performance.now()
  expect(previewOf("application/octet-stream", `${"a.".repeat(500_000)}png`)).toBe("picture")
  expect(performance.now() - started).toBeLessThan(100)
})
