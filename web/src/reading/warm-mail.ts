import type { MailView } from "@lifeboat/shared/schemas/mail"
import { mailboxSource } from "./mail-source.ts"

const warmed = new Set<string>()
const remembered = 200
/** Pages that are larger cost more than they save, bytes of the whole mail. */
const largest = 1_000_000

/**
 * Fetches a mail's page ahead, so that opening it needs no network: the browser keeps it under the very address that
 * the reading view will ask for. Nothing from outside is fetched by it. Failing is of no consequence.
 */
export function warmPage(mail: MailView, dark: boolean): void {
  if (!mail.html || mail.size > largest || document.visibilityState !== "visible") return
  const url = mailboxSource(mail).html({ pictures: mail.senderTrusted, dark: dark && mail.darkReadable })
  if (warmed.has(url)) return
  warmed.add(url)
  for (const oldest of warmed) {
    if (warmed.size <= remembered) break
    warmed.delete(oldest)
  }
  void fetch(url, { credentials: "same-origin", priority: "low" }).then((answer) => answer.arrayBuffer()).catch(() => warmed.delete(url))
}
