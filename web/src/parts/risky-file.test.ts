import { expect, it } from "vitest"
import { riskOf } from "./risky-file.ts"

it.each([
  ["Rechnung.pdf.exe", "application/pdf", "program"],
  ["setup.EXE", "application/octet-stream", "program"],
  ["setup.exe. ", "application/octet-stream", "program"],
  ["fdp.\u202eexe", "application/pdf", "program"],
  ["rechnung.e\u034fxe", "application/pdf", "program"],
  ["Plan.lnk", "", "program"],
  ["x.js", "text/plain", "program"],
  ["harmless", "application/x-msdownload", "program"],
  ["Umsatz.xlsm", "", "macros"],
  ["x", "application/vnd.ms-word.document.macroEnabled.12", "macros"],
  ["Login.html", "text/html", "page"],
  ["x", "image/svg+xml", "page"],
  ["cd.iso", "", "disk"],
  ["Angebot.pdf", "application/pdf", undefined],
  ["exe", "text/plain", undefined],
  ["a.docx", "", undefined],
  ["", "", undefined],
])("%j (%s): %s", (name, contentType, risk) => expect(riskOf({ name, contentType })).toBe(risk))
