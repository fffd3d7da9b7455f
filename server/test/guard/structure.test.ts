import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative, resolve, sep } from "node:path"
import { describe, expect, it } from "vitest"

const root = resolve(import.meta.dirname, "../../..")
const source = join(root, "server/src")

function files(folder: string, ending: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name) && !entry.parentPath.includes("node_modules") && !entry.parentPath.includes(`${sep}dist`))
    .map((entry) => join(entry.parentPath, entry.name))
}

const serverFiles = files(source, /\.ts$/).filter((file) => !file.endsWith(".test.ts"))
const imports = (file: string) => [...readFileSync(file, "utf8").matchAll(/^(?:import|export)\s[^"]*?from "([^"]+)"/gms)].map((match) => match[1] ?? "")
const area = (file: string) => {
  const path = relative(source, file)
  return path.includes(sep) ? (path.split(sep)[0] ?? "") : path.replace(/\.ts$/, "")
}

/** Layers, outermost first. An import goes to the same layer or further down, never up. */
const layers: readonly (readonly string[])[] = [
  ["main"],
  ["app"],
  ["inbound", "api", "embedded"],
  ["message-flow"],
  ["outgoing", "mail-jobs"],
  ["recipients", "filter", "archive", "routing", "queue", "delivery", "continuity", "mailbox", "identity", "tracking"],
  ["store"],
  ["config", "logger"],
]
const layerOf = (name: string) => layers.findIndex((layer) => layer.includes(name))
/** A part that is supervised like the embedded ones uses their supervisor, and nothing else of them. */
const supervised = /mailbox\/wildduck-process\.ts$/

describe("structure of the server", () => {
  it("has only known folders", () => {
    expect(serverFiles.map(area).filter((name) => layerOf(name) < 0 && name !== "app")).toEqual([])
  })

  it("imports run one way", () => {
    const wrong: string[] = []
    for (const file of serverFiles) {
      for (const target of imports(file)) {
        if (!target.startsWith(".")) continue
        const to = area(resolve(dirname(file), target))
        if (layerOf(to) < layerOf(area(file)) && !supervised.test(file)) wrong.push(`${relative(source, file)} → ${target}`)
      }
    }
    expect(wrong).toEqual([])
  })

  it("has no import cycles", () => {
    const edges = new Map(serverFiles.map((file) => [file, imports(file).filter((target) => target.startsWith(".")).map((target) => resolve(dirname(file), target))]))
    const state = new Map<string, "open" | "done">()
    const cycles: string[] = []
    const visit = (file: string, path: string[]) => {
      if (state.get(file) === "done") return
      if (state.get(file) === "open") {
        cycles.push([...path.slice(path.indexOf(file)), file].map((name) => relative(source, name)).join(" → "))
        return
      }
      state.set(file, "open")
      for (const next of edges.get(file) ?? []) visit(next, [...path, file])
      state.set(file, "done")
    }
    for (const file of serverFiles) visit(file, [])
    expect(cycles).toEqual([])
  })

  it("reads the environment in config only", () => {
    const allowed = /\/(config|main)\.ts$|embedded\/|mailbox\/wildduck-process\.ts$/
    const readers = serverFiles.filter((file) => !allowed.test(file.replaceAll(sep, "/")) && readFileSync(file, "utf8").includes("process.env"))
    expect(readers.map((file) => relative(source, file))).toEqual([])
  })

  it("keeps files short and names telling", () => {
    const all = [...files(join(root, "server"), /\.(ts|mjs)$/), ...files(join(root, "shared/src"), /\.ts$/), ...files(join(root, "web/src"), /\.(ts|vue)$/), ...files(join(root, "e2e"), /\.ts$/)]
    expect(all.filter((file) => readFileSync(file, "utf8").split("\n").length > 500).map((file) => relative(root, file))).toEqual([])
    expect(all.map((file) => relative(root, file)).filter((file) => /(^|\/)(utils?|helpers?|common|misc|tools)(\.|\/)/.test(file))).toEqual([])
  })

  it("lets the web app import nothing of the server", () => {
    const wrong = files(join(root, "web/src"), /\.(ts|vue)$/).filter((file) => /from "[^"]*(@lifeboat\/server|\/server\/)/.test(readFileSync(file, "utf8")))
    expect(wrong.map((file) => relative(root, file))).toEqual([])
  })
})
