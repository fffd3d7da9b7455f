import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"
import type { Plugin } from "vite"

const packable = /\.(?:js|mjs|css|svg|html|json|webmanifest)$/
/** Smaller files are one packet anyway, bytes. */
const smallest = 1_200
const packers = [
  { ending: ".br", pack: (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }) },
  { ending: ".gz", pack: (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 }) },
]

/** Puts a packed copy beside every built file of text, so that the server packs nothing while people wait. */
export function packedFiles(): Plugin {
  return {
    name: "lifeboat-packed-files",
    apply: "build",
    writeBundle: {
      order: "post",
      sequential: true,
      async handler({ dir }) {
        if (dir === undefined) return
        const entries = await readdir(dir, { recursive: true, withFileTypes: true })
        const files = entries.filter((entry) => entry.isFile() && packable.test(entry.name) && entry.parentPath !== join(dir, ".vite")).map((entry) => join(entry.parentPath, entry.name))
        for (const file of files) {
          const bytes = await readFile(file)
          if (bytes.length < smallest) continue
          await Promise.all(packers.map(async ({ ending, pack }) => {
            const packed = await pack(bytes)
            if (packed.length < bytes.length) await writeFile(file + ending, packed)
          }))
        }
      },
    },
  }
}
