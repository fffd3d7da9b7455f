import { gzipSync } from "node:zlib"
import type { Plugin, Rollup } from "vite"

/** What a script part may weigh with everything that it loads at once, bytes after gzip. */
export interface ScriptBudget {
  /** What people call it, for the sentence when it is too heavy. */
  readonly name: string
  /** Ends of the paths of the modules that begin it: the entry, or targets of dynamic imports. */
  readonly modules: readonly string[]
  readonly limit: number
  /** Modules whose scripts are there already when this part is loaded. */
  readonly after?: readonly string[]
}

/** Bytes after gzip of some chunks and all that they import at once, but for the chunks in `known`. */
export function weigh(chunks: ReadonlyMap<string, Pick<Rollup.OutputChunk, "code" | "imports">>, starts: readonly string[], known: ReadonlySet<string>): { bytes: number; files: Set<string> } {
  const files = new Set<string>()
  const visit = (file: string): void => {
    const chunk = chunks.get(file)
    if (!chunk || files.has(file) || known.has(file)) return
    files.add(file)
    for (const next of chunk.imports) visit(next)
  }
  for (const start of starts) visit(start)
  return { bytes: [...files].reduce((sum, file) => sum + gzipSync(chunks.get(file)?.code ?? "").length, 0), files }
}

/** Fails the build when a part of the scripts weighs more than it may, or when a module came along that pages never need. */
export function scriptBudgets(budgets: readonly ScriptBudget[], never: RegExp): Plugin {
  return {
    name: "lifeboat-script-budgets",
    generateBundle(_options, bundle) {
      const chunks = new Map(Object.values(bundle).flatMap((part) => (part.type === "chunk" ? [[part.fileName, part] as const] : [])))
      const stray = [...chunks.values()].flatMap(({ moduleIds }) => moduleIds).find((id) => never.test(id))
      if (stray !== undefined) this.error(`${stray} is in the pages: import types from schemas with "import type".`)
      const startOf = (module: string): string => {
        const chunk = [...chunks.values()].find((each) => each.facadeModuleId?.endsWith(module) === true || each.moduleIds.some((id) => id.endsWith(module)))
        return chunk?.fileName ?? this.error(`There is no ${module} in the build, whose weight is watched.`)
      }
      for (const { name, modules, limit, after = [] } of budgets) {
        const { bytes } = weigh(chunks, modules.map(startOf), weigh(chunks, after.map(startOf), new Set()).files)
        const sentence = `${name}: ${(bytes / 1024).toFixed(1)} of ${(limit / 1024).toFixed(0)} KB after gzip`
        if (bytes > limit) this.error(`Too heavy – ${sentence}.`)
        this.info(sentence)
      }
    },
  }
}
