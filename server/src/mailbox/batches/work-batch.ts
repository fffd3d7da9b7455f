import type { BatchRequest } from "./batch-messages.ts"
import { GatheredWrites } from "./gathered-writes.ts"
import type { WholeMail, WildDuckParts } from "./wildduck-parts.ts"

const lockMs = 15_000
const lockPatienceMs = 30_000
/** Mails in memory at once, twice: while some are written, the next are read. Bytes as IMAP counts them. */
const mostMails = 50
const mostBytes = 8_388_608

/** The folder, or the one moved to, is not there (any more). */
export class FolderGone extends Error {}

/** Does one request. Answers pairs of old and new UID of what was moved. Throws {@link FolderGone} and database errors. */
export async function workBatch(parts: WildDuckParts, request: BatchRequest): Promise<[number, number][]> {
  return withLock(parts, request.folder, async () => {
    const moved: [number, number][] = []
    let written: Promise<[number, number][]> = Promise.resolve([])
    try {
      for (const uids of await inPortions(parts, request)) {
        const write = await (request.kind === "move" ? gatherMove(parts, request, uids) : gatherRemoval(parts, request, uids))
        moved.push(...(await written))
        written = write()
        // Whoever waits for it hears of it.
        written.catch(() => undefined)
      }
    } finally {
      await written.then((pairs) => moved.push(...pairs))
    }
    return moved
  })
}

/** The mails that are there, in portions that fit into memory. */
async function inPortions({ messages, id }: WildDuckParts, { folder, uids }: BatchRequest): Promise<number[][]> {
  const rows = await messages.find({ mailbox: id(folder), uid: { $in: uids } }, { projection: { uid: 1, size: 1 } }).sort({ uid: 1 }).toArray()
  const portions: number[][] = []
  let room = 0
  for (const { uid, size } of rows) {
    if (room < size || (portions.at(-1)?.length ?? 0) >= mostMails) {
      portions.push([])
      room = mostBytes
    }
    portions.at(-1)?.push(uid)
    room -= size
  }
  return portions
}

/** Writes what was gathered; answers pairs of old and new UID. */
type Write = () => Promise<[number, number][]>

async function gatherMove(parts: WildDuckParts, { account, folder, target, after }: Extract<BatchRequest, { kind: "move" }>, uids: readonly number[]): Promise<Write> {
  const { messages, id } = parts
  const [user, source, destination] = [id(account), id(folder), id(target)]
  if ((await parts.folders.countDocuments({ _id: { $in: [source, destination] }, user })) < 2) throw new FolderGone("the folder is gone")
  const rows = await messages.find({ mailbox: source, uid: { $in: [...uids] } }, { projection: { uid: 1, root: 1 } }).toArray()
  const there = await messages.find<WholeMail>({ mailbox: destination, uid: { $gt: after } }, { projection: { uid: 1, root: 1 } }).toArray()
  const known = new Map(there.map((mail) => [mail.root.toHexString(), mail]))
  const writes = new GatheredWrites(parts, known)
  await writes.reserve(destination, uids.length)
  const { info } = await writes.handler.moveAsync({ user, source: { user, mailbox: source }, destination: { user, mailbox: destination }, updates: {}, messageQuery: { $in: uids } })
  const roots = new Map(rows.map(({ uid, root }) => [uid, root]))
  const uidNow = (uid: number, given: number | undefined) => {
    const root = roots.get(uid)
    return (root && writes.uidOf(root)) ?? given
  }
  const pairs = info.sourceUid.flatMap((uid, n): [number, number][] => {
    const now = uidNow(uid, info.destinationUid[n])
    return now === undefined ? [] : [[uid, now]]
  })
  return async () => {
    await writes.write(user)
    return pairs
  }
}

async function gatherRemoval(parts: WildDuckParts, { account, folder }: BatchRequest, uids: readonly number[]): Promise<Write> {
  const { messages, id } = parts
  const [user, mailbox] = [id(account), id(folder)]
  const folderData = await parts.folders.findOne({ _id: mailbox, user })
  if (!folderData) throw new FolderGone("the folder is gone")
  const writes = new GatheredWrites(parts)
  const plain = parts.handler(parts.db)
  const mails = await messages.find({ mailbox, uid: { $in: [...uids] } }).toArray()
  let bytes = 0
  let gathered = 0
  for (const messageData of mails) {
    // As its own routes do: a draft leaves nothing behind, and its files go after it.
    const archive = !messageData.flags.includes("\\Draft")
    const options = { user, mailbox: { mailbox: folderData }, messageData, archive }
    if (!archive) {
      await plain.delAsync({ ...options, delayNotifications: false })
      continue
    }
    await writes.handler.delAsync({ ...options, delayNotifications: true })
    bytes += messageData.size
    gathered++
  }
  return async () => {
    const removed = await writes.write(user)
    // Who else removed some of them meanwhile has counted those.
    if (removed > 0) await plain.updateQuotaAsync(user, { storageUsed: -Math.round((bytes * removed) / gathered) }, {})
    return []
  }
}

/** Holds WildDuck's lock of a folder meanwhile. */
async function withLock<T>({ lock }: WildDuckParts, folder: string, work: () => Promise<T>): Promise<T> {
  const held = await lock.waitAcquireLock(`mbwr:${folder}`, lockMs, lockPatienceMs)
  if (!held.success) throw new Error("somebody else works on the folder")
  const renewal = setInterval(() => void lock.extendLock(held, lockMs).catch(() => undefined), lockMs / 3)
  try {
    return await work()
  } finally {
    clearInterval(renewal)
    await lock.releaseLock(held).catch(() => undefined)
  }
}
