import { createHash } from "node:crypto"
import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { build, type Plugin } from "vite"

const source = "src/offline/service-worker.ts"
/** Not needed to start without a connection: other programs' pages, maps, what is shown rarely and is large. */
const left = /^(?:addin\/|\.vite\/|sw\.js$|assets\/(?:addin|pdf)[.-])|\.map$/

/** Builds the service worker as one classic script beside the pages, with the list of their files and a version made of it. */
export function serviceWorker(): Plugin {
  let root = ""
  let publicFolder = ""
  return {
    name: "lifeboat-service-worker",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      root = config.root
      publicFolder = config.publicDir
    },
    generateBundle: {
      order: "post",
      async handler(_options, bundle) {
        const hash = createHash("sha256")
        const built = Object.values(bundle).filter(({ fileName }) => !left.test(fileName)).sort((a, b) => (a.fileName < b.fileName ? -1 : 1))
        for (const file of built) hash.update(file.fileName).update(file.type === "chunk" ? file.code : file.source)
        const fixed = readdirSync(publicFolder, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name).slice(publicFolder.length + 1))
          .filter((name) => !left.test(name))
          .sort()
        for (const name of fixed) hash.update(name).update(readFileSync(join(publicFolder, name)))
        const files = [...built.map(({ fileName }) => fileName).filter((name) => name !== "index.html"), ...fixed].map((name) => `/${name}`)
        const code = await workerScript(join(root, source), files)
        hash.update(code)
        this.emitFile({ type: "asset", fileName: "sw.js", source: code.replaceAll("__LIFEBOAT_VERSION__", JSON.stringify(hash.digest("hex").slice(0, 16))) })
      },
    },
  }
}

async function workerScript(input: string, files: readonly string[]): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    define: { __LIFEBOAT_FILES__: JSON.stringify(files) },
    build: { write: false, target: "es2022", modulePreload: false, rolldownOptions: { input, output: { format: "iife", entryFileNames: "sw.js" } } },
  })
  const outputs = [result].flat().flatMap((each) => ("output" in each ? each.output : []))
  const chunk = outputs.find((each) => each.type === "chunk")
  if (chunk?.type !== "chunk") throw new Error("The service worker was not built.")
  return chunk.code
}
