import { Type } from "typebox"
import { Value } from "typebox/value"

/** Which mailbox delivery put a copy into a mailbox; WildDuck carries it along through copying, moving and deleting. */
export interface CopyMark {
  /** Message id. */
  readonly message: string
  /** Id of the mailbox delivery. */
  readonly delivery: string
}

const Mark = Type.Object({ message: Type.String(), delivery: Type.String() })

/** The mark as WildDuck keeps it (`meta.custom`): one spelling only, because it is looked up as a string. */
export function writeCopyMark(mark: CopyMark): string {
  return JSON.stringify({ message: mark.message, delivery: mark.delivery })
}

/** Reads a mark; undefined for a mail that Lifeboat did not put there. */
export function readCopyMark(custom: unknown): CopyMark | undefined {
  if (typeof custom !== "string" || !custom.startsWith("{")) return undefined
  try {
    const value: unknown = JSON.parse(custom)
    return Value.Check(Mark, value) ? value : undefined
  } catch {
    return undefined
  }
}
