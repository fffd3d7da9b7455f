import type { Invitation } from "@lifeboat/shared/schemas/mail"
import { shallowRef } from "vue"

/** What was answered since the page was loaded, by the event's UID: mails read before do not know it yet. */
export const answered = shallowRef<ReadonlyMap<string, NonNullable<Invitation["answer"]>>>(new Map())
