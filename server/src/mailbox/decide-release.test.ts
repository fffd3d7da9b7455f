import { describe, expect, it } from "vitest"
import { decideRelease, type CopyEvidence } from "./decide-release.ts"

const evidence = (extra: Partial<CopyEvidence>): CopyEvidence => ({ places: [], removals: [], noted: undefined, ...extra })

describe("deleting is the user's, expiring is ours (invariant 7)", () => {
  it.each([
    ["nothing is known", undefined],
    ["there is no trace of it", evidence({})],
    ["it is in the inbox", evidence({ places: ["elsewhere"] })],
    ["it is in the inbox whatever the observer noted", evidence({ places: ["elsewhere"], noted: "deleted" })],
    ["a copy of it is outside the trash", evidence({ places: ["trash", "elsewhere"], removals: ["by-user"], noted: "trash" })],
    ["retention removed it", evidence({ removals: ["otherwise"] })],
    ["one copy was deleted and another went with its folder", evidence({ removals: ["by-user", "otherwise"] })],
    ["the observer saw it go otherwise", evidence({ removals: ["by-user"], noted: "gone" })],
    ["we removed it ourselves", evidence({ removals: ["by-user"], noted: "removed" })],
    ["it vanished while the observer thought it present", evidence({ noted: "present" })],
    ["it vanished from the trash without a trace", evidence({ noted: "trash" })],
  ])("delivers when %s", (_, known) => expect(decideRelease(known)).toBe("deliver"))

  it.each([
    ["it is in the trash", evidence({ places: ["trash"] })],
    ["it is in the trash though noted otherwise", evidence({ places: ["trash"], noted: "present" })],
    ["its user removed it", evidence({ removals: ["by-user"] })],
    ["its user removed it and the observer is behind", evidence({ removals: ["by-user"], noted: "trash" })],
    ["the observer saw its user remove it", evidence({ noted: "deleted" })],
  ])("cancels when %s", (_, known) => expect(decideRelease(known)).toBe("cancel"))
})
