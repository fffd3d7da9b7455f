import { messageIdAt } from "../archive/message-id.ts"
import type { Database } from "../store/database.ts"
import type { UserDocument } from "../store/documents.ts"
import { matchPeople, peopleOf, type KnownPerson } from "./contact-list.ts"
import type { Contact } from "@lifeboat/shared/schemas/outgoing"

const pastMs = 90 * 86_400_000
const maxMails = 3_000
const maxColleagues = 20_000
const freshMs = 180_000
const maxUsers = 1_000

interface Remembered {
  readonly people: Promise<readonly KnownPerson[]>
  readonly until: number
}

/**
 * Whom a user may want to write to: colleagues of the own domain, then people of mails of the last 90 days. Both are kept
 * in memory for some minutes, so that an answer comes while one types.
 */
export class Contacts {
  readonly #database: Database
  readonly #colleagues = new Map<string, Remembered>()
  readonly #past = new Map<string, Remembered>()

  constructor(database: Database) {
    this.#database = database
  }

  async find(user: UserDocument, q: string, limit: number): Promise<Contact[]> {
    const [colleagues, past] = await Promise.all([
      remembered(this.#colleagues, user.domain, () => this.#readColleagues(user.domain)),
      remembered(this.#past, user._id, () => this.#readPast(user)),
    ])
    return matchPeople([...colleagues.filter(({ contact }) => contact.address !== user._id), ...past], q, limit)
  }

  async #readColleagues(domain: string): Promise<KnownPerson[]> {
    const users = await this.#database.users.find({ domain }, { projection: { name: 1, aliases: 1 }, limit: maxColleagues, maxTimeMS: 5_000 }).toArray()
    return users.map(({ _id, name, aliases }) => ({ contact: { name, address: _id, source: "directory" as const }, aliases, weight: 0 }))
  }

  async #readPast(user: UserDocument): Promise<KnownPerson[]> {
    const now = this.#database.now()
    const own = new Set([user._id, ...user.aliases])
    const rows = await this.#database.messages
      .find({ owners: user._id, _id: { $gte: messageIdAt(new Date(now.getTime() - pastMs)) } }, { projection: { receivedAt: 1, "envelope.mailFrom": 1, "envelope.rcptTo": 1, "summary.from": 1, "summary.to": 1, "client.user": 1 }, sort: { _id: -1 }, limit: maxMails, maxTimeMS: 5_000 })
      .toArray()
    const mails = rows.map(({ receivedAt, envelope, summary, client }) => {
      const sent = client.user === user._id || own.has(envelope.mailFrom.toLowerCase())
      return { receivedAt, sent, from: summary.from, to: summary.to, recipients: sent ? envelope.rcptTo.slice(0, 50) : [] }
    })
    return peopleOf(mails, own, now)
  }
}

async function remembered(known: Map<string, Remembered>, key: string, read: () => Promise<readonly KnownPerson[]>): Promise<readonly KnownPerson[]> {
  const found = known.get(key)
  if (found && found.until > performance.now()) return found.people
  const people = read()
  known.delete(key)
  known.set(key, { people, until: performance.now() + freshMs })
  const oldest = known.keys().next()
  if (known.size > maxUsers && !oldest.done) known.delete(oldest.value)
  try {
    return await people
  } catch (error) {
    known.delete(key)
    throw error
  }
}
