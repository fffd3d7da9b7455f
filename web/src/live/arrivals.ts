import type { MailRow } from "@lifeboat/shared/schemas/mail"

/** What arrived in a folder since it was last looked at: unread mails whose number is above all known. Numbers only grow. */
export function arrivals(rows: readonly MailRow[], highest: number): { readonly fresh: readonly MailRow[]; readonly highest: number } {
  const numbers = rows.map((row) => Number(row.id)).filter(Number.isSafeInteger)
  return { fresh: rows.filter((row) => !row.seen && Number(row.id) > highest), highest: Math.max(highest, ...numbers) }
}
