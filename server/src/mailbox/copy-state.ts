import type { TrackingEventName } from "@lifeboat/shared/tracking-events"
import type { CopyDocument } from "../store/documents.ts"

export type CopyState = CopyDocument["state"]

/** What the database shows of a copy now, and what was seen of it on the way here. */
export interface SeenCopy {
  /** Its places now; empty: it is nowhere. */
  readonly places: readonly ("trash" | "elsewhere")[]
  /** Rows removed for good, as far as it is known who did it. */
  readonly removals: readonly ("by-user" | "otherwise")[]
}

/**
 * The state of a copy after what was seen. Pure. Places say everything; when there are none, only a removal by its user
 * makes it `deleted`, and any other removal beside that makes it `gone`. Our own removal stays what it is.
 */
export function nextCopyState(before: CopyState | undefined, seen: SeenCopy): CopyState {
  if (before === "removed") return "removed"
  if (seen.places.includes("elsewhere")) return "present"
  if (seen.places.includes("trash")) return "trash"
  if (seen.removals.includes("otherwise")) return "gone"
  if (before === "deleted" || seen.removals.includes("by-user")) return "deleted"
  return "gone"
}

/** What the mail's trail says about a change; undefined: nothing that concerns its user. */
export function trackedChange(before: CopyState | undefined, after: CopyState): TrackingEventName | undefined {
  const wasThere = before === undefined || before === "present"
  if (wasThere && (after === "trash" || after === "deleted")) return "deleted-by-user"
  if ((before === "trash" || before === "deleted" || before === "gone") && after === "present") return "restored-by-user"
  return undefined
}
