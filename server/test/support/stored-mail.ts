import { Readable } from "node:stream"
import { Bodies } from "../../src/archive/bodies.ts"
import { createMessageId } from "../../src/archive/message-id.ts"
import type { Claim } from "../../src/delivery/delivery-target.ts"
import { withDeliveries } from "../../src/queue/apply-outcomes.ts"
import { newDelivery } from "../../src/routing/route.ts"
import type { Database } from "../../src/store/database.ts"
import type { Delivery, MessageDocument, UserDocument } from "../../src/store/documents.ts"
import { hashPassword } from "../../src/identity/passwords.ts"
import { domainOf, mailboxKey } from "@lifeboat/shared/address"

const day = 86_400_000

/** A user in the directory; without `password` nobody can sign in. */
export async function insertUser(database: Database, address: string, password?: string): Promise<UserDocument> {
  const hashes = password === undefined ? { passwordHash: null, mailboxHash: null } : await hashPassword(password)
  const user: UserDocument = {
    _id: address, domain: domainOf(address), name: address.split("@")[0] ?? "", aliases: [], mailboxKey: mailboxKey(address), role: "user", source: "local", ...hashes,
    version: 1, mailbox: null, selected: false, language: null, lastLoginAt: null, createdAt: new Date(),
  }
  await database.users.insertOne(user)
  return user
}

/** A mail as acceptance in an emergency leaves it: delivery 0 is the mailbox's, delivery 1 is held for the primary. */
export async function insertHeldMail(database: Database, user: string, raw: string | Buffer, folder: "INBOX" | "Sent" = "INBOX"): Promise<MessageDocument> {
  const now = new Date()
  const bodies = new Bodies(database)
  const id = createMessageId(now)
  const body = await bodies.receive(id, Readable.from([Buffer.from(raw)]), 65_536)
  const expireAt = new Date(now.getTime() + 90 * day)
  const deliveries: Delivery[] = [
    { ...newDelivery(`${id}.0`, "mailbox", "mailbox", user, user, now, folder), copyOf: folder === "INBOX" ? `${id}.1` : null },
    { ...newDelivery(`${id}.1`, "primary", `primary:${domainOf(user)}`, user, user, now), state: "held", heldFor: "drain", outageId: "outage" },
  ]
  const header = /^Subject: (.*)$/m.exec(raw.toString())?.[1]?.trim() ?? ""
  const message: MessageDocument = {
    _id: id, receivedAt: now, expireAt, direction: "inbound", domains: [domainOf(user)], owners: [user],
    envelope: { mailFrom: "sender@outside.example", rcptTo: [user], smtpUtf8: false, eightBit: false },
    client: { address: "192.0.2.1", name: "", helo: "outside.example", tls: false, user: null },
    summary: { subject: header, from: "Sender <sender@outside.example>", to: user, messageId: `<${id}@outside.example>`, date: now },
    trace: `Received: from outside.example by localhost with ESMTP id ${id}; ${now.toUTCString()}\r\n`,
    size: body.size, hasBody: true, ...withDeliveries(deliveries, true), version: 0,
  }
  await database.bodies.insertOne(await bodies.document(body, expireAt))
  await database.messages.insertOne(message)
  return message
}

/** A claim of some of a message's deliveries. */
export function claimOf(message: MessageDocument, ...numbers: number[]): Claim {
  return { message, deliveries: message.deliveries.filter((_, index) => numbers.includes(index)), token: "test" }
}

/** A plain mail with a Message-ID of its own. */
export function plainMail(subject: string, text = "Guten Tag", messageId = `<${createMessageId(new Date())}@outside.example>`): string {
  const lines = ["From: Sender <sender@outside.example>", "To: somebody", `Subject: ${subject}`, `Message-ID: ${messageId}`, `Date: ${new Date().toUTCString()}`, "", text, ""]
  return lines.join("\r\n")
}
