import type { MailRow } from "@lifeboat/shared/schemas/mail"
import { shallowRef } from "vue"

/** The mails that are being dragged, within this page. */
export const dragged = shallowRef<readonly MailRow[]>([])

/** Type of the data that goes along, so that folders know mails from other things. */
export const dragType = "application/x-lifeboat-mails"
