import { readFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import { addinManifest } from "./manifest.ts"

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Element[]
  text: string
}

/** Reads XML as we write it: elements, attributes, text; throws where something is not closed, quoted or escaped. */
function readXml(source: string): Element {
  const root: Element = { name: "", attributes: {}, children: [], text: "" }
  const open = [root]
  let end = 0
  const body = source.replace(/^<\?xml version="1\.0" encoding="utf-8"\?>\n/, "")
  for (const match of body.matchAll(/<(\/?)([\w:]+)((?: [\w:]+="[^"<]*")*)(\/?)>/g)) {
    const between = body.slice(end, match.index)
    if (/[<>]|&(?!(?:amp|lt|gt|quot|apos);)/.test(between + match[3])) throw new Error(`not well-formed before ${match[0]}`)
    const here = open.at(-1) ?? root
    here.text += between.trim()
    end = match.index + match[0].length
    if (match[1] === "/") {
      if (open.pop()?.name !== match[2]) throw new Error(`${match[0]} closes nothing`)
      continue
    }
    const attributes = Object.fromEntries([...(match[3] ?? "").matchAll(/ ([\w:]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]))
    const element: Element = { name: match[2] ?? "", attributes, children: [], text: "" }
    here.children.push(element)
    if (match[4] !== "/") open.push(element)
  }
  const [only] = root.children
  if (open.length !== 1 || !only || root.children.length !== 1 || body.slice(end).trim() !== "") throw new Error("not one closed element")
  return only
}

/**
 * The children that MS-OWEMXML 5.1 to 5.5 allow in what we use, in their order; `?` may be left out, `*` may repeat. What is
 * not named here has none.
 */
const order: Readonly<Record<string, string>> = {
  OfficeApp: "Id Version ProviderName DefaultLocale DisplayName Description IconUrl HighResolutionIconUrl SupportUrl AppDomains? Hosts Requirements FormSettings Permissions Rule DisableEntityHighlighting? VersionOverrides?",
  Description: "Override*",
  AppDomains: "AppDomain*",
  Hosts: "Host*",
  Sets: "Set*",
  "bt:Sets": "bt:Set*",
  FormSettings: "Form*",
  Form: "DesktopSettings",
  DesktopSettings: "SourceLocation RequestedHeight?",
  Rule: "Rule*",
  VersionOverrides: "Description? Requirements? Hosts Resources VersionOverrides?",
  Host: "DesktopFormFactor?",
  DesktopFormFactor: "FunctionFile? ExtensionPoint*",
  ExtensionPoint: "OfficeTab",
  OfficeTab: "Group*",
  Group: "Label Control*",
  Control: "Label Supertip Icon Action",
  Supertip: "Title Description",
  Icon: "bt:Image*",
  Action: "SourceLocation SupportsPinning?",
  Resources: "bt:Images bt:Urls bt:ShortStrings bt:LongStrings",
  "bt:Images": "bt:Image*",
  "bt:Urls": "bt:Url*",
  "bt:ShortStrings": "bt:String*",
  "bt:LongStrings": "bt:String*",
  "bt:String": "bt:Override*",
}
/** What differs by the block it stands in. */
const childrenOf = (element: Element): string => (element.name === "Requirements" ? element.children[0]?.name === "bt:Sets" ? "bt:Sets" : "Sets" : (order[element.name] ?? ""))

function everyElement(element: Element): Element[] {
  return [element, ...element.children.flatMap(everyElement)]
}

function child(element: Element, name: string): Element {
  const found = element.children.find((each) => each.name === name)
  if (!found) throw new Error(`${element.name} has no ${name}`)
  return found
}

const id = "7f3f5f7e-4f55-4b43-9a55-3a8b2f1f0e11"
const manifest = readXml(addinManifest({ id, publicUrl: "https://lifeboat.example.com" }))
const overrides10 = child(manifest, "VersionOverrides")
const overrides11 = child(overrides10, "VersionOverrides")

describe("the manifest", () => {
  it("has every element where the schema wants it", () => {
    for (const element of everyElement(manifest)) {
      const allowed = childrenOf(element).split(" ").filter((name) => name !== "")
      const pattern = new RegExp(`^${allowed.map((name) => `(?:${name.replace(/[?*]$/, "")} )${/[?*]$/.exec(name)?.[0] ?? ""}`).join("")}$`)
      expect(element.children.map((each) => `${each.name} `).join(""), element.name).toMatch(pattern)
      expect(element.children.length === 0 || element.text === "", `${element.name} has children or a text`).toBe(true)
    }
  })

  it("keeps the schema's types: a GUID, a version, locales, names, lengths, https addresses, unique ids", () => {
    const all = everyElement(manifest)
    expect(child(manifest, "Id").text).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    // At most four numbers of up to five digits, as Exchange compares them.
    expect(child(manifest, "Version").text).toMatch(/^\d{1,5}(?:\.\d{1,5}){3}$/)
    expect(child(manifest, "DefaultLocale").text).toBe("en-US")
    for (const { attributes } of all) if (attributes["Locale"] !== undefined) expect(attributes["Locale"]).toMatch(/^[a-z]{2}-[A-Z]{2}$/)
    expect(child(manifest, "ProviderName").text.length).toBeLessThanOrEqual(125)
    expect(child(manifest, "DisplayName").attributes["DefaultValue"]?.length).toBeLessThanOrEqual(125)
    for (const text of [child(manifest, "Description"), ...child(manifest, "Description").children].map(({ attributes }) => attributes["DefaultValue"] ?? attributes["Value"])) expect(text?.length).toBeLessThanOrEqual(250)
    const addresses = all.filter(({ name }) => /^(?:IconUrl|HighResolutionIconUrl|SupportUrl|SourceLocation|bt:Image|bt:Url)$/.test(name)).flatMap(({ attributes }) => attributes["DefaultValue"] ?? [])
    expect(addresses.length).toBeGreaterThanOrEqual(12)
    for (const address of addresses) expect(address).toMatch(/^https:\/\/.{1,2040}$/)
    for (const overrides of [overrides10, overrides11]) {
      const ids = everyElement(child(overrides, "Hosts")).flatMap(({ name, attributes: { id: own } }) => (name === "Group" || name === "Control" ? [own] : []))
      expect(ids.every((each) => /^[A-Za-z][A-Za-z0-9._-]{0,124}$/.test(each ?? ""))).toBe(true)
      expect(new Set(ids).size).toBe(ids.length)
      for (const icon of everyElement(overrides).filter(({ name }) => name === "Icon")) expect(icon.children.map(({ attributes }) => attributes["size"])).toEqual(["16", "32", "80"])
    }
    expect(child(child(child(manifest, "Requirements"), "Sets"), "Set").attributes).toEqual({ Name: "Mailbox", MinVersion: "1.3" })
  })

  it("names icons that exist, each as large as its name says", async () => {
    const named = new Set(everyElement(manifest).flatMap(({ attributes }) => /icon-(\d+)\.png$/.exec(attributes["DefaultValue"] ?? "")?.[1] ?? []))
    expect([...named].toSorted()).toEqual(["128", "16", "32", "64", "80"])
    for (const size of named) {
      const file = await readFile(new URL(`../../../../web/public/addin/icon-${size}.png`, import.meta.url))
      expect([file.readUInt32BE(16), file.readUInt32BE(20)], size).toEqual([Number(size), Number(size)])
    }
  })

  it("is a mail add-in of this installation, for reading and writing", () => {
    expect(manifest.attributes).toMatchObject({ "xsi:type": "MailApp", xmlns: "http://schemas.microsoft.com/office/appforoffice/1.1" })
    expect(child(manifest, "Id").text).toBe(id)
    expect(child(manifest, "Version").text).toMatch(/^\d{1,5}(?:\.\d{1,5}){3}$/)
    expect(child(child(manifest, "Hosts"), "Host").attributes["Name"]).toBe("Mailbox")
    expect(child(manifest, "Permissions").text).toBe("ReadWriteItem")
    expect(child(manifest, "FormSettings").children.map((form) => form.attributes["xsi:type"])).toEqual(["ItemRead", "ItemEdit"])
  })

  it("has commands for old and new Outlook; the pane can be pinned where mail is read", () => {
    expect([overrides10.attributes["xsi:type"], overrides11.attributes["xsi:type"]]).toEqual(["VersionOverridesV1_0", "VersionOverridesV1_1"])
    expect([overrides10.attributes["xmlns"], overrides11.attributes["xmlns"]]).toEqual(["http://schemas.microsoft.com/office/mailappversionoverrides", "http://schemas.microsoft.com/office/mailappversionoverrides/1.1"])
    for (const overrides of [overrides10, overrides11]) {
      const points = everyElement(child(overrides, "Hosts")).filter((element) => element.name === "ExtensionPoint")
      expect(points.map((point) => point.attributes["xsi:type"])).toEqual(["MessageReadCommandSurface", "MessageComposeCommandSurface"])
      const pinned = points.map((point) => everyElement(point).some((element) => element.name === "SupportsPinning"))
      expect(pinned).toEqual([overrides === overrides11, false])
    }
  })

  it("names only what its resources hold, with texts that are short enough, in both languages", () => {
    for (const overrides of [overrides10, overrides11]) {
      const resources = child(overrides, "Resources")
      const ids = resources.children.flatMap((group) => group.children.map((each) => each.attributes["id"]))
      const named = everyElement(child(overrides, "Hosts")).flatMap(({ attributes: { resid } }) => (resid === undefined ? [] : [resid]))
      expect(new Set(named)).toEqual(new Set(ids))
      expect(ids.every((each) => each !== undefined && each.length <= 32)).toBe(true)
      expect(child(resources, "bt:Images").children).toHaveLength(3)
    }
    for (const element of everyElement(manifest)) {
      const limit = element.name === "Description" || element.name === "Override" || element.attributes["id"] === "openTip" ? 250 : 125
      for (const text of [element.attributes["DefaultValue"], element.attributes["Value"]]) if (text !== undefined && !text.startsWith("https://")) expect(text.length, text).toBeLessThanOrEqual(limit)
    }
    expect(everyElement(manifest).filter((element) => element.attributes["Locale"] === "de-DE").length).toBe(5)
  })

  it("asks nobody but the installation", () => {
    const urls = everyElement(manifest).flatMap(({ attributes, text }) => [attributes["DefaultValue"], text]).filter((value) => value?.startsWith("http"))
    expect(urls.length).toBeGreaterThan(8)
    expect(urls.filter((url) => new URL(url ?? "").origin !== "https://lifeboat.example.com")).toEqual([])
  })

  it("takes a public address with a path and characters that XML needs escaped", () => {
    const other = readXml(addinManifest({ id, publicUrl: "https://mail.example.com:8443/life&boat" }))
    expect(child(child(other, "AppDomains"), "AppDomain").text).toBe("https://mail.example.com:8443")
    expect(child(other, "IconUrl").attributes["DefaultValue"]).toBe("https://mail.example.com:8443/life&amp;boat/addin/icon-64.png")
  })
})
