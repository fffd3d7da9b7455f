import { Value } from "typebox/value"
import { BatchRequest, type BatchAnswer } from "./batch-messages.ts"
import { openWildDuckParts } from "./wildduck-parts.ts"
import { FolderGone, workBatch } from "./work-batch.ts"

/**
 * A process beside WildDuck's that uses its classes on its databases for what its API does mail by mail. It ends with
 * whoever started it, at once: a batch can be interrupted anywhere and done again.
 */
process.on("disconnect", () => process.exit(0))

const parts = openWildDuckParts()
parts.catch((error: unknown) => {
  console.error(String(error))
  process.exit(1)
})

process.on("message", (request: unknown) => {
  if (!Value.Check(BatchRequest, request)) return
  const answer = (answered: BatchAnswer) => void process.send?.(answered)
  parts
    .then((opened) => workBatch(opened, request))
    .then((moved) => answer({ n: request.n, moved }))
    .catch((error: unknown) => answer({ n: request.n, error: error instanceof Error ? error.message : String(error), gone: error instanceof FolderGone }))
})
