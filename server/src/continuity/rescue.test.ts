import { expect, it } from "vitest"
import { acceptMails, createDomain, startContinuityNode } from "../../test/support/continuity-node.ts"
import { testDatabase } from "../../test/support/mongo.ts"
import type { ContinuityQueue } from "./continuity.ts"
import { Rescue } from "./rescue.ts"

it("a rescue cut off between two batches is completed by the next sweep, with one copy of each mail", async () => {
  const { url, dbName } = testDatabase()
  const node = await startContinuityNode(url, dbName, { worker: false })
  try {
    await createDomain(node.database, 1, ["anna"])
    await node.domains.refresh()
    await acceptMails(node, 450, ["anna"])
    await node.continuity.stop()
    await node.database.domains.updateOne({ _id: "example.com" }, { $set: { "mode.mode": "emergency", "mode.outageId": "o1", "mode.version": 1_000 } })
    await node.domains.refresh()
    let batches = 0
    const dying: Pick<ContinuityQueue, "changeMany"> = {
      changeMany: (messages, decide) => (++batches === 2 ? Promise.reject(new Error("killed")) : node.queue.changeMany(messages, decide)),
    }
    const { database, domains, tracker, queue } = node
    const parts = { database, domains, tracker, settings: node.continuity.settings, log: node.log }
    await expect(new Rescue({ ...parts, queue: dying }).sweep("example.com", true)).rejects.toThrow("killed")
    const rescued = () => database.messages.countDocuments({ deliveries: { $elemMatch: { target: "mailbox", state: "queued" } } })
    expect(await rescued()).toBe(200)
    expect(await new Rescue({ ...parts, queue }).sweep("example.com", false)).toBe(250)
    expect(await new Rescue({ ...parts, queue }).sweep("example.com", true)).toBe(0)
    expect(await rescued()).toBe(450)
    expect(await database.messages.countDocuments({ "deliveries.2": { $exists: true } })).toBe(0)
    await tracker.flush()
    expect(await database.events.countDocuments({ event: "rescued" })).toBe(450)
  } finally {
    await node.stop()
  }
})
