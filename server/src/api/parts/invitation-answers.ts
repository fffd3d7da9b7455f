import { createHash } from "node:crypto"
import type { Database } from "../../store/database.ts"
import type { Answer } from "./invitation-answer.ts"
import type { CalendarEvent } from "./invitation.ts"

const keptMs = 400 * 86_400_000

/** What users answered to invitations: of an event, not of a mail, so that every mail about it shows the same. */
export class InvitationAnswers {
  readonly #database: Pick<Database, "invitationAnswers" | "now">

  constructor(database: Pick<Database, "invitationAnswers" | "now">) {
    this.#database = database
  }

  /** The last answer, unless the event was changed after it (RFC 5546 §2.1.4). */
  async find(user: string, event: CalendarEvent): Promise<Answer | null> {
    const known = await this.#database.invitationAnswers.findOne({ _id: keyOf(user, event), user })
    return known && known.sequence >= event.sequence ? known.answer : null
  }

  async remember(user: string, event: CalendarEvent, answer: Answer): Promise<void> {
    const answeredAt = this.#database.now()
    const expireAt = new Date(answeredAt.getTime() + keptMs)
    await this.#database.invitationAnswers.updateOne({ _id: keyOf(user, event) }, { $set: { user, answer, sequence: event.sequence, answeredAt, expireAt } }, { upsert: true })
  }
}

function keyOf(user: string, { uid, recurrence }: CalendarEvent): string {
  return createHash("sha256").update(JSON.stringify([user, uid, recurrence])).digest("base64url")
}
