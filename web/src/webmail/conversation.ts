import type { MailRow } from "@lifeboat/shared/schemas/mail"

/** Of very long conversations only so many unread mails are opened by themselves. */
const mostUnread = 20

/** Which mails of a conversation are open when it is opened, as `folder/id`: the chosen one, the newest, and what is unread. `rows` are oldest first; `chosen` is an id or such a key. */
export function openedAtFirst(rows: readonly Pick<MailRow, "folder" | "id" | "seen">[], chosen: string): Set<string> {
  const keyOf = (row: Pick<MailRow, "folder" | "id">) => `${row.folder}/${row.id}`
  const open = new Set(rows.filter((row) => !row.seen).slice(-mostUnread).map(keyOf))
  const newest = rows.at(-1)
  if (newest) open.add(keyOf(newest))
  const found = rows.find((row) => row.id === chosen || keyOf(row) === chosen)
  if (found) open.add(keyOf(found))
  return open
}
