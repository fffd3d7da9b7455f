import { describe, expect, it } from "vitest"
import { deviceName, inOutlook, isDark } from "./office-host.ts"

const browser = { search: "", name: "", framed: false, bridged: false, noted: false }

describe("inOutlook", () => {
  it("is no for a page in a browser", () => expect(inOutlook({ ...browser, search: "?x=_host_Info" })).toBe(false))
  it.each([{ framed: true }, { bridged: true }, { noted: true }, { search: "?et=&_host_Info=Outlook$Win32$16.02$de-DE" }, { name: '{"hostInfo":"Outlook|Web"}' }])("is yes for %o", (sign) => expect(inOutlook({ ...browser, ...sign })).toBe(true))
})

describe("isDark", () => {
  it.each([["#ffffff", false], ["#f0f0f0", false], ["#000000", true], ["#262626", true], ["#1f1f1fff", true], ["#808080", false], [undefined, undefined], ["white", undefined]] as const)("%s → %s", (colour, expected) => expect(isDark(colour)).toBe(expected))
})

describe("deviceName", () => {
  it.each([["PC", "Outlook (Windows)"], ["OfficeOnline", "Outlook (Web)"], ["Mac", "Outlook (Mac)"], [undefined, "Outlook"], [0, "Outlook"]] as const)("%s → %s", (platform, expected) => expect(deviceName(platform)).toBe(expected))
})
