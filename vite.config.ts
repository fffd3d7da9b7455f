import { baseCompile } from "@intlify/message-compiler"
import tailwind from "@tailwindcss/vite"
import vue from "@vitejs/plugin-vue"
import { defineConfig, type Plugin } from "vite"
import { packedFiles } from "./web/build/packed-files.ts"
import { serviceWorker } from "./web/build/service-worker.ts"
import { scriptBudgets } from "./web/build/script-budget.ts"

/** The scripts that the webmail needs before it shows anything. */
const first = ["/web/src/main.ts", "/web/src/shell/AppShell.vue", "/web/src/webmail/WebmailPage.vue"]
const kilobyte = 1024

/** Compiles web/src/text/*.json to message ASTs, so that pages carry no message compiler and need no eval. */
function compiledTexts(): Plugin {
  const compile = (value: unknown): unknown =>
    typeof value === "string"
      ? baseCompile(value, { jit: true, minify: true, location: false }).ast
      : Object.fromEntries(Object.entries(value as Record<string, unknown>).map(([key, child]) => [key, compile(child)]))
  return {
    name: "lifeboat-compiled-texts",
    enforce: "pre",
    transform: {
      filter: { id: /\/web\/src\/text\/[a-z]+\.json$/ },
      handler: (code) => ({ code: `export default ${JSON.stringify(compile(JSON.parse(code)))}`, moduleType: "js", map: null }),
    },
  }
}

export default defineConfig({
  root: "web",
  plugins: [
    compiledTexts(),
    vue(),
    tailwind(),
    serviceWorker(),
    packedFiles(),
    scriptBudgets([
      { name: "main script", modules: first, limit: 180 * kilobyte },
      { name: "writing part", modules: ["/web/src/writing/desk.ts", "/web/src/writing/LetterDesk.vue", "/web/src/editor/MailEditor.vue"], after: first, limit: 130 * kilobyte },
    ], /\/node_modules\/(?:.*\/)?typebox\/|\/shared\/src\/schemas\//),
  ],
  resolve: { alias: { "vue-i18n": "vue-i18n/dist/vue-i18n.runtime.mjs" } },
  define: {
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    __VUE_I18N_FULL_INSTALL__: "false",
    __VUE_I18N_LEGACY_API__: "false",
    __INTLIFY_DROP_MESSAGE_COMPILER__: "true",
    __INTLIFY_PROD_DEVTOOLS__: "false",
  },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    manifest: true,
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Brought along by the dialogs' library for lists that we do not have; nothing of it runs.
      treeshake: { moduleSideEffects: [{ test: /node_modules\/(?:\.pnpm\/)?@tanstack/, sideEffects: false }] },
      // The pages, and the task pane of the Outlook add-in: small, and nothing of the webmail in it.
      input: { app: `${import.meta.dirname}/web/index.html`, addin: `${import.meta.dirname}/web/addin/taskpane.html` },
      output: {
        // Few files: what every page needs in two, the pages themselves on demand, the editor when writing begins.
        codeSplitting: {
          groups: [
            { name: "editor", test: /node_modules\/(?:\.pnpm\/)?(?:@tiptap|prosemirror|orderedmap|rope-sequence|w3c-keyname|fast-equals)/, priority: 2 },
            { name: "pdf", test: /node_modules\/(?:\.pnpm\/)?pdfjs-dist/, priority: 2 },
            { name: "core", test: /node_modules\/(?:\.pnpm\/)?(?:vue@|@vue\+(?!devtools)|vue-i18n|@intlify|@lucide)/, priority: 3 },
            { name: "light", test: /\/web\/src\/(?:text\/index\.ts|api\/(?:client|archive|addin)\.ts|queries\/paged-list\.ts|ui\/(?:action|people|size|time|toasts)\.ts|ui\/(?:EmptyState|ErrorNote|StatusBadge|UiField)\.vue)/, priority: 2 },
            { name: "vendor", test: /node_modules/ },
            { name: "base", test: /\/web\/src\/(?:api|queries|shell|stores|ui)\// },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8080" } },
})
