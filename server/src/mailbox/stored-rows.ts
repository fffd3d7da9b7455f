import { domainToUnicode } from "node:url"
import libmime from "libmime"
import type { Document, ObjectId } from "mongodb"
import { fitting } from "./fitting-answer.ts"
import { over } from "./index-hint.ts"
import { introFields, introSource, rowIntro } from "./row-intro.ts"
import { StoredRow, type StoredAddress } from "./wildduck-schemas.ts"
import type { StoredMessage, WildDuckStore } from "./wildduck-store.ts"

/** A row of a list with what it was found by. */
export interface ListedRow {
  /** WildDuck's own id of it: unique everywhere, another one after a move. */
  readonly _id: ObjectId
  readonly account: ObjectId
  readonly folder: ObjectId
  /** When it arrived. */
  readonly arrived: Date
  readonly thread: ObjectId | undefined
  readonly row: StoredRow
}

/** What a row is made of: never a mail's content. */
export const rowFields = {
  ...introFields,
  "user": 1, "mailbox": 1, "uid": 1, "thread": 1, "subject": 1, "msgid": 1, "hdate": 1, "idate": 1, "size": 1, "unseen": 1, "undeleted": 1, "flagged": 1, "draft": 1, "flags": 1, "ha": 1,
  "meta.custom": 1, "meta.from": 1, "mimeTree.parsedHeader.from": 1, "mimeTree.parsedHeader.sender": 1, "mimeTree.parsedHeader.to": 1, "mimeTree.parsedHeader.cc": 1,
} as const

/** Reads mails as lists show them, in the order of `ids`; what is not there any more is left out. */
export async function readRows(store: WildDuckStore, ids: readonly ObjectId[]): Promise<ListedRow[]> {
  if (ids.length === 0) return []
  const documents = await store.messages.find({ _id: { $in: [...ids] } }, { projection: rowFields, maxTimeMS: 10_000 }).toArray()
  const found = new Map(documents.map((document) => [document._id.toHexString(), document]))
  return ids.flatMap((id) => {
    const document = found.get(id.toHexString())
    return document === undefined ? [] : (listedRow(document) ?? [])
  })
}

/** What changes of a mail while it lies in its folder. */
export type StoredMarks = Pick<StoredRow, "seen" | "deleted" | "flagged" | "draft" | "answered" | "forwarded">

const markFields = { unseen: 1, undeleted: 1, flagged: 1, draft: 1, flags: 1 } as const

/** The marks of one mail as they are now; undefined: it is not there any more. `uid`: its number in the folder. */
export async function readMarks(store: WildDuckStore, folder: ObjectId, uid: number): Promise<StoredMarks | undefined> {
  const document = await over("mailbox_uid", (hint) => store.messages.findOne({ mailbox: folder, uid }, { projection: markFields, maxTimeMS: 10_000, ...hint }))
  return document === null ? undefined : marksOf(document)
}

function marksOf(document: Document): StoredMarks {
  const flags = Array.isArray(document["flags"]) ? (document["flags"] as unknown[]) : []
  const forwarded = flags.includes("$Forwarded")
  return {
    seen: document["unseen"] !== true,
    deleted: document["undeleted"] === false,
    flagged: document["flagged"] === true,
    draft: document["draft"] === true,
    answered: flags.includes("\\Answered") && !forwarded,
    forwarded,
  }
}

/** One mail as a row, from its document; undefined where that is none. */
export function listedRow(document: StoredMessage & Document): ListedRow | undefined {
  const { _id, user, mailbox, uid } = document
  const header = objectOf(objectOf(document["mimeTree"])["parsedHeader"])
  const [from] = addressesOf(header["from"] ?? header["sender"])
  const arrived = document["idate"] instanceof Date ? document["idate"] : _id.getTimestamp()
  const row = fitting(StoredRow, {
    id: uid,
    mailbox: mailbox.toHexString(),
    ...(isId(document["thread"]) ? { thread: document["thread"].toHexString() } : {}),
    from: from ?? { name: "", address: textOf(objectOf(document.meta)["from"]) },
    to: addressesOf(header["to"]),
    cc: addressesOf(header["cc"]),
    subject: textOf(document["subject"]),
    messageId: document.msgid,
    date: document["hdate"] instanceof Date ? document["hdate"].toISOString() : null,
    idate: arrived.toISOString(),
    size: document["size"],
    ...marksOf(document),
    metaData: metaDataOf(document.meta?.custom),
    intro: rowIntro(introSource(document)),
    attachments: document["ha"] === true,
  })
  return row && { _id, account: user, folder: mailbox, arrived, thread: isId(document["thread"]) ? document["thread"] : undefined, row }
}

/** The addresses of a field as WildDuck keeps it, groups taken apart (RFC 5322 §3.4), names decoded. */
export function addressesOf(field: unknown): StoredAddress[] {
  return [field].flat().flatMap((each): StoredAddress[] => {
    const { name, address, group } = objectOf(each)
    if (Array.isArray(group)) return addressesOf(group)
    if (typeof address !== "string" && typeof name !== "string") return []
    return [{ name: decoded(textOf(name)), address: readable(textOf(address)) }]
  })
}

/** An opened mail with the people of groups in the place of the groups (RFC 5322 §3.4). One whose From names a group is by the first in it (RFC 6854): the group's name is no sender, and may look like one. */
export function withoutGroups(mail: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const lists = (["to", "cc", "bcc", "replyTo"] as const).filter((name) => Array.isArray(mail[name]) && mail[name].some((each) => Array.isArray(objectOf(each)["group"])))
  const from = Array.isArray(objectOf(mail["from"])["group"]) ? { from: addressesOf(mail["from"])[0] ?? { name: "", address: "" } } : {}
  return { ...mail, ...from, ...Object.fromEntries(lists.map((name) => [name, addressesOf(mail[name])])) }
}

function decoded(name: string): string {
  if (!name.includes("=?")) return name
  try {
    return libmime.decodeWords(name)
  } catch {
    return name
  }
}

function readable(address: string): string {
  const at = address.lastIndexOf("@")
  return address.includes("@xn--") || address.includes(".xn--") ? address.slice(0, at + 1) + (domainToUnicode(address.slice(at + 1)) || address.slice(at + 1)) : address
}

function metaDataOf(custom: unknown): unknown {
  if (typeof custom !== "string" || !custom.startsWith("{")) return undefined
  try {
    return JSON.parse(custom)
  } catch {
    return undefined
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : ""
}

function isId(value: unknown): value is ObjectId {
  return typeof value === "object" && value !== null && "toHexString" in value
}
