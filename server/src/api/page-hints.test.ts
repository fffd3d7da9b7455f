import { expect, it } from "vitest"
import { pageHints, type BuildManifest } from "./page-hints.ts"

const build: BuildManifest = {
  "index.html": { file: "assets/app.js", imports: ["_core.js"] },
  "_core.js": { file: "assets/core.js" },
  "_frame.js": { file: "assets/frame.js", imports: ["_core.js", "_tools.js"] },
  "_tools.js": { file: "assets/tools.js", imports: ["_frame.js"] },
  "src/text/de.json": { file: "assets/de.js" },
  "src/text/en.json": { file: "assets/en.js" },
  "src/account/SignIn.vue": { file: "assets/SignIn.js", imports: ["_core.js"] },
  "src/shell/AppShell.vue": { file: "assets/AppShell.js", imports: ["_core.js"] },
  "src/webmail/WebmailPage.vue": { file: "assets/WebmailPage.js", imports: ["_core.js", "_frame.js"] },
  "src/archive/ArchivePage.vue": { file: "assets/ArchivePage.js", imports: ["_tools.js"] },
}
const session = "</api/session>; rel=preload; as=fetch; crossorigin"
const scripts = (text: string) => [...text.matchAll(/<\/assets\/(\w+)\.js>; rel=modulepreload/g)].map(([, name]) => name).sort()

it.each([
  ["a stranger signs in, in the language of the browser", { session: false, path: "/mail", language: "de" }, ["SignIn", "de"]],
  ["who is signed in comes to the webmail", { session: true, path: "/", language: "en" }, ["AppShell", "WebmailPage", "en", "frame", "tools"]],
  ["a folder of it", { session: true, path: "/mail/inbox/12", language: "en" }, ["AppShell", "WebmailPage", "en", "frame", "tools"]],
  ["the workspace", { session: true, path: "/archive", language: "de" }, ["AppShell", "ArchivePage", "de", "frame", "tools"]],
  ["another page", { session: true, path: "/panel/example.com", language: "de" }, ["AppShell", "de"]],
] as const)("%s", (_what, request, expected) => {
  const hints = pageHints(build, request)
  expect(hints.startsWith(session)).toBe(true)
  expect(scripts(hints)).toEqual([...expected].sort())
})

it("names no script where it is not known what was built", () => expect(pageHints({}, { session: true, path: "/", language: "en" })).toBe(session))
