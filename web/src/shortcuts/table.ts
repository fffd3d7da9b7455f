/** One keyboard shortcut. Keys are as in `strokeOf`; a space stands between the strokes of a sequence. */
export interface Shortcut {
  readonly does: string
  readonly keys: readonly string[]
  readonly group: "move" | "write" | "act" | "select" | "go"
}

/** Every shortcut of the webmail: Gmail's keys, and the habits of Outlook where they do not collide. Handler, overview and `aria-keyshortcuts` read it. */
export const shortcuts = [
  { does: "next", keys: ["j"], group: "move" },
  { does: "previous", keys: ["k"], group: "move" },
  { does: "open", keys: ["o"], group: "move" },
  { does: "back", keys: ["u"], group: "move" },
  { does: "nextInConversation", keys: ["n"], group: "move" },
  { does: "previousInConversation", keys: ["p"], group: "move" },
  { does: "search", keys: ["/"], group: "move" },
  { does: "help", keys: ["?"], group: "move" },
  { does: "compose", keys: ["c"], group: "write" },
  { does: "reply", keys: ["r", "Control+R"], group: "write" },
  { does: "replyAll", keys: ["a", "Control+Shift+R"], group: "write" },
  { does: "forward", keys: ["f"], group: "write" },
  { does: "remove", keys: ["#", "Delete"], group: "act" },
  { does: "move", keys: ["v"], group: "act" },
  { does: "markRead", keys: ["Shift+I"], group: "act" },
  { does: "markUnread", keys: ["Shift+U"], group: "act" },
  { does: "flag", keys: ["s"], group: "act" },
  { does: "undo", keys: ["z", "Control+Z"], group: "act" },
  { does: "archive", keys: ["e"], group: "act" },
  { does: "select", keys: ["x"], group: "select" },
  { does: "selectAll", keys: ["* a"], group: "select" },
  { does: "selectNone", keys: ["* n"], group: "select" },
  { does: "goInbox", keys: ["g i"], group: "go" },
  { does: "goSent", keys: ["g t"], group: "go" },
  { does: "goDrafts", keys: ["g d"], group: "go" },
  { does: "goFlagged", keys: ["g s"], group: "go" },
] as const satisfies readonly Shortcut[]

export type ShortcutName = (typeof shortcuts)[number]["does"]
export const shortcutGroups = ["move", "write", "act", "select", "go"] as const

/** Whether a stroke counts as one that people may switch off (WCAG 2.1.4): all but those with Ctrl, and Delete. */
export function isSingle(stroke: string): boolean {
  return !stroke.startsWith("Control+") && stroke.length > 0 && stroke !== "Delete"
}

/** What of a shortcut `aria-keyshortcuts` can say: strokes, not sequences. `singles` off: only those that work then. */
export function ariaKeys(does: ShortcutName, singles: boolean): string | undefined {
  const keys: readonly string[] = shortcuts.find((each) => each.does === does)?.keys ?? []
  return keys.filter((key) => !key.includes(" ") && (singles || !isSingle(key))).join(" ") || undefined
}
