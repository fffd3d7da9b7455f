import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { Type, type Static } from "typebox"
import { Value } from "typebox/value"
import type { Language } from "@lifeboat/shared/schemas/session"

/** What the build says of its scripts: by their source, the file made of it and the sources it needs before it runs. */
const BuildManifest = Type.Record(Type.String(), Type.Object({ file: Type.String(), imports: Type.Optional(Type.Array(Type.String())) }))
export type BuildManifest = Static<typeof BuildManifest>

/** Who asks for a page, as far as the request tells. */
export interface PageRequest {
  /** It came with a session, whether that still holds or not. */
  readonly session: boolean
  readonly path: string
  readonly language: Language
}

/** Reads what was built; empty where that is not known. */
export async function readBuild(folder: string): Promise<BuildManifest> {
  const text = await readFile(join(folder, ".vite/manifest.json"), "utf8").catch(() => "{}")
  const manifest: unknown = JSON.parse(text)
  return Value.Check(BuildManifest, manifest) ? manifest : {}
}

/**
 * The `Link` field of a page (RFC 8288): what the app asks for one after the other once it runs, so that the browser
 * fetches it along with the app. Without it a first visitor waits for two more round trips. Pure.
 */
export function pageHints(build: BuildManifest, { session, path, language }: PageRequest): string {
  const page = !session ? "account/SignIn" : path === "/" || path.startsWith("/mail") ? "webmail/WebmailPage" : path.startsWith("/archive") ? "archive/ArchivePage" : undefined
  const wanted = [`src/text/${language}.json`, ...(page === undefined ? [] : [`src/${page}.vue`]), ...(session ? ["src/shell/AppShell.vue"] : [])]
  const sources = needed(build, wanted)
  // The page names these itself.
  for (const own of needed(build, ["index.html"])) sources.delete(own)
  const scripts = [...sources].flatMap((source) => build[source]?.file ?? [])
  return ["</api/session>; rel=preload; as=fetch; crossorigin", ...scripts.map((file) => `</${file}>; rel=modulepreload`)].join(", ")
}

function needed(build: BuildManifest, sources: readonly string[], found = new Set<string>()): Set<string> {
  for (const source of sources) {
    if (found.has(source) || build[source] === undefined) continue
    found.add(source)
    needed(build, build[source].imports ?? [], found)
  }
  return found
}
