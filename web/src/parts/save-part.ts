import type { Attachment } from "@lifeboat/shared/schemas/mail"
import { t } from "../text/index.ts"
import { confirm } from "../ui/confirm.ts"
import { riskOf } from "./risky-file.ts"

/** Saves a file from an address of ours, after a word of caution where it deserves one. */
export async function savePart(attachment: Attachment, url: string): Promise<void> {
  const risk = riskOf(attachment)
  if (risk !== undefined && !(await confirm({ title: t("parts.riskTitle", { name: attachment.name || t("mail.unnamed") }), text: t(`parts.risk.${risk}`), confirm: t("parts.saveAnyway") }))) return
  const link = document.createElement("a")
  link.href = url
  link.download = attachment.name || "attachment"
  document.body.append(link)
  link.click()
  link.remove()
}
