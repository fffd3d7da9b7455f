import { ObjectId } from "mongodb"
import { pino } from "pino"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Folder, MailsMoved } from "@lifeboat/shared/schemas/mail"
import type { MailJob } from "@lifeboat/shared/schemas/mail-job"
import { storedMessage } from "../../../test/support/api.ts"
import { MailIndexFeed } from "../../mailbox/mail-index/mail-index-feed.ts"
import { startWebmailCompany, type WebmailCompany } from "../../../test/support/webmail-company.ts"

let company: WebmailCompany
let anna: string
let boris: string
let inbox: string
let trash: string

beforeAll(async () => {
  company = await startWebmailCompany()
  ;({ anna, boris } = company)
  inbox = await company.folder(anna, "inbox")
  trash = await company.folder(anna, "trash")
}, 120_000)
afterAll(() => company?.stop())

const folders = async () => (await company.call("GET", "/api/mail/folders", anna)).body["items"] as Folder[]
const made = async (name: string, parent?: string) => (await company.call("POST", "/api/mail/folders", anna, { name, ...(parent === undefined ? {} : { parent }) })).body as unknown as Folder
const fill = async (folder: string, count: number, subject: string) => {
  const account = String((await company.api.database.users.findOne({ _id: "anna@example.com" }))?.mailbox?.id)
  for (let n = 0; n < count; n++) await company.mailboxes.api.upload(account, folder, Uint8Array.from(Buffer.from(`From: a@b.example\r\nSubject: ${subject} ${n}\r\n\r\ntext`)), { unseen: n % 2 === 0 })
}
const uids = async (folder: string) => (await company.api.database.wildduck.collection("messages").find({ mailbox: ObjectId.createFromHexString(folder) }).sort({ uid: 1 }).toArray()).map((mail) => String(mail["uid"]))
const job = async (method: string, path: string, body?: object) => (await company.call(method, `/api/mail/jobs${path}`, anna, body)).body as unknown as MailJob
const finished = async (id: string) => {
  await expect.poll(async () => (await job("GET", `/${id}`)).state, { timeout: 20_000, interval: 50 }).not.toBe("running")
  return job("GET", `/${id}`)
}

describe("folders", () => {
  it("are made within others, renamed with those within, and removed with them", async () => {
    const project = await made("Projekt Köln")
    const offers = await made("Angebote", project.id)
    const old = await made("2025", offers.id)
    expect([offers.path, old.path]).toEqual(["Projekt Köln/Angebote", "Projekt Köln/Angebote/2025"])
    expect((await company.call("PUT", `/api/mail/folders/${project.id}`, anna, { name: "Köln" })).body).toMatchObject({ id: project.id, name: "Köln", path: "Köln" })
    expect((await folders()).filter(({ specialUse }) => specialUse === null).map(({ id, path }) => [id, path]).toSorted()).toEqual([[project.id, "Köln"], [offers.id, "Köln/Angebote"], [old.id, "Köln/Angebote/2025"]].toSorted())
    expect((await company.call("PUT", `/api/mail/folders/${offers.id}`, anna, { name: " Verträge " })).body).toMatchObject({ path: "Köln/Verträge" })
    expect((await company.call("PUT", `/api/mail/folders/${offers.id}`, anna, { name: "Verträge" })).status).toBe(200)
    await made("Bonn", project.id)
    expect((await company.call("PUT", `/api/mail/folders/${offers.id}`, anna, { name: "Bonn" })).body).toMatchObject({ code: "folder-exists" })
    for (const name of ["", " ", "a/b", "a\r\nb", "n".repeat(101)]) expect((await company.call("PUT", `/api/mail/folders/${offers.id}`, anna, { name })).status).toBe(400)
    expect((await company.call("PUT", `/api/mail/folders/${project.id}`, anna, { name: "Inbox" })).body).toMatchObject({ code: "folder-exists" })
    for (const method of ["PUT", "DELETE"]) {
      expect((await company.call(method, `/api/mail/folders/${inbox}`, anna, { name: "x" })).body).toMatchObject({ code: "folder-protected" })
      expect((await company.call(method, `/api/mail/folders/${project.id}`, boris, { name: "x" })).status).toBe(404)
    }
    expect((await company.call("POST", "/api/mail/folders", boris, { name: "x", parent: project.id })).status).toBe(404)
    expect((await company.call("DELETE", `/api/mail/folders/${project.id}`, anna)).status).toBe(204)
    expect((await folders()).filter(({ specialUse }) => specialUse === null)).toEqual([])
  })
})

describe("several mails at once", () => {
  it("are marked, moved, put into the trash and removed from there", async () => {
    await fill(inbox, 6, "Bulk")
    const ids = await uids(inbox)
    const put = async (folder: string, body: object, token = anna) => company.call("PUT", `/api/mail/folders/${folder}/messages`, token, body)
    expect((await put(inbox, { ids, change: { seen: true, flagged: true } })).body).toEqual({ moved: [] })
    expect((await company.rows(anna, "inbox")).every((row) => row.seen && row.flagged)).toBe(true)
    const { id: project } = await made("Bulk")
    const moved = (await put(inbox, { ids: [...ids.slice(0, 4), "999999"], change: { folder: project, flagged: false } })).body as unknown as MailsMoved
    expect(moved.moved.map(({ from }) => from)).toEqual(ids.slice(0, 4))
    expect(moved.moved.map(({ to }) => to.id)).toEqual(await uids(project))
    const trashed = (await put(project, { ids: await uids(project), trash: true })).body as unknown as MailsMoved
    expect(trashed.moved.every(({ to }) => to.folder === trash)).toBe(true)
    expect((await put(trash, { ids: await uids(trash), trash: true })).body).toEqual({ moved: [] })
    expect(await uids(trash)).toEqual([])
    expect((await put(inbox, { ids: ids.slice(4), change: { folder: project } }, boris)).status).toBe(404)
    expect((await put(inbox, { ids: ids.slice(4), change: { folder: await company.folder(boris, "inbox") } })).status).toBe(404)
    for (const bad of [[], ["x"], Array.from({ length: 501 }, (_, n) => String(n + 1))]) expect((await put(inbox, { ids: bad, trash: true })).status).toBeGreaterThanOrEqual(400)
    await put(inbox, { ids: await uids(inbox), trash: true })
    await put(trash, { ids: await uids(trash), trash: true })
  })
})

describe("a job", () => {
  it("moves all of a folder but what arrives meanwhile, and can be undone once", async () => {
    const from = await made("From")
    const to = await made("To")
    await fill(from.id, 450, "Job")
    const except = (await uids(from.id)).slice(0, 2)
    const started = await job("POST", "", { folder: from.id, action: "move", target: to.id, except })
    expect(started).toMatchObject({ folder: from.id, action: "move", target: to.id, state: "running", done: 0 })
    await expect.poll(async () => (await job("GET", `/${started.id}`)).total).toBe(448)
    await fill(from.id, 1, "New")
    expect(await finished(started.id)).toMatchObject({ state: "done", total: 448, done: 448, undoable: true })
    expect([(await uids(from.id)).length, (await uids(to.id)).length]).toEqual([3, 448])
    expect((await company.call("GET", `/api/mail/jobs/${started.id}`, boris)).status).toBe(404)
    expect((await company.call("POST", `/api/mail/jobs/${started.id}/undo`, boris)).status).toBe(404)
    const [undo, again] = await Promise.all([job("POST", `/${started.id}/undo`), job("POST", `/${started.id}/undo`)])
    expect(undo.id).toBe(again.id)
    expect(await finished(undo.id)).toMatchObject({ state: "done", total: 448, done: 448, undoable: false })
    expect([(await uids(from.id)).length, (await uids(to.id)).length]).toEqual([451, 0])
    expect((await job("GET", `/${started.id}`)).undoable).toBe(false)
  }, 60_000)

  it("goes on after its node was killed in the middle of a part, and forgets no mail that was moved", async () => {
    const from = await made("Killed")
    const to = await made("Saved")
    await fill(from.id, 30, "Part")
    const all = await uids(from.id)
    const account = String((await company.api.database.users.findOne({ _id: "anna@example.com" }))?.mailbox?.id)
    const started = await job("POST", "", { folder: from.id, action: "move", target: to.id, except: all.slice(0, 1) })
    await finished(started.id)
    // As if it had been killed after the move and before writing it down.
    await company.api.database.mailJobParts.updateOne({ job: started.id, n: 0 }, { $set: { moved: [] } })
    await company.mailboxes.api.change(account, to.id, (await uids(to.id)).slice(0, 5).map(Number), { seen: true })
    await company.api.database.mailJobs.updateOne({ _id: started.id }, { $set: { state: "running", nextPart: 0, done: 0, due: new Date(0), undoable: false, token: "of a node that was killed" } })
    expect(await finished(started.id)).toMatchObject({ state: "done", done: 29, undoable: true })
    await finished((await job("POST", `/${started.id}/undo`)).id)
    expect([(await uids(from.id)).length, (await uids(to.id)).length]).toEqual([30, 0])
  }, 60_000)

  it("of many mails brings to its end what was killed between storing and removing, and counts what it removes", async () => {
    const from = await made("Halfway")
    const to = await made("There")
    const wildduck = company.api.database.wildduck
    const account = String((await company.api.database.users.findOne({ _id: "anna@example.com" }))?.mailbox?.id)
    const used = async () => Number((await wildduck.collection("users").findOne({ _id: ObjectId.createFromHexString(account) }))?.["storageUsed"])
    const before = await used()
    await fill(from.id, 210, "Half")
    const whole = await wildduck.collection("messages").find({ mailbox: ObjectId.createFromHexString(from.id) }).toArray()
    const started = await job("POST", "", { folder: from.id, action: "move", target: to.id })
    expect(await finished(started.id)).toMatchObject({ state: "done", done: 210 })
    // As if it had been killed when the mails lay in both folders, and nothing was written down of it.
    await wildduck.collection("messages").insertMany(whole.slice(100, 140))
    await company.api.database.mailJobParts.updateMany({ job: started.id }, { $set: { moved: [] } })
    await company.api.database.mailJobs.updateOne({ _id: started.id }, { $set: { state: "running", nextPart: 0, done: 0, due: new Date(0), undoable: false, token: "of a node that was killed" } })
    expect(await finished(started.id)).toMatchObject({ state: "done", done: 210, undoable: true })
    expect([(await uids(from.id)).length, (await uids(to.id)).length]).toEqual([0, 210])
    await finished((await job("POST", `/${started.id}/undo`)).id)
    expect([(await uids(from.id)).length, (await uids(to.id)).length]).toEqual([210, 0])
    await finished((await job("POST", "", { folder: from.id, action: "trash" })).id)
    expect(await finished((await job("POST", "", { folder: trash, action: "delete" })).id)).toMatchObject({ state: "done", total: 210 })
    expect([await uids(trash), await used()]).toEqual([[], before])
    const told = async (folder: string, command: string) => wildduck.collection("journal").countDocuments({ mailbox: ObjectId.createFromHexString(folder), command })
    expect([await told(from.id, "EXPUNGE"), await told(to.id, "EXISTS") >= 210]).toEqual([460, true])
    expect(await told(trash, "EXPUNGE")).toBeGreaterThanOrEqual(210)
    expect(await wildduck.collection("archived").countDocuments({ root: { $in: whole.map((mail) => mail["root"] as ObjectId) } })).toBe(210)
  }, 90_000)

  it("marks what is unread, empties the trash, and stops when asked", async () => {
    await fill(inbox, 20, "Unread")
    expect(await finished((await job("POST", "", { folder: inbox, action: "seen", unseen: true })).id)).toMatchObject({ state: "done", total: 10, undoable: false })
    expect((await company.rows(anna, "inbox")).every((row) => row.seen)).toBe(true)
    expect(await finished((await job("POST", "", { folder: inbox, action: "trash" })).id)).toMatchObject({ total: 20, target: trash, undoable: true })
    expect(await finished((await job("POST", "", { folder: trash, action: "delete" })).id)).toMatchObject({ total: 20, undoable: false })
    expect(await uids(trash)).toEqual([])
    await fill(inbox, 3, "Stop")
    const { id } = await job("POST", "", { folder: inbox, action: "flag" })
    const stopped = await job("DELETE", `/${id}`)
    expect(["stopped", "done"]).toContain(stopped.state)
    expect((await job("DELETE", `/${id}`)).state).toBe(stopped.state)
  }, 60_000)

  it("is about what a search finds, in whatever folders it looks", async () => {
    const [one, two] = [await made("Search one"), await made("Search two")]
    await Promise.all([fill(one.id, 5, "Zebra"), fill(two.id, 3, "Zebra"), fill(one.id, 4, "Giraffe")])
    const feed = new MailIndexFeed({ database: company.api.database, log: pino({ level: "silent" }) })
    feed.start()
    const found = async () => (await company.call("GET", `/api/mail/folders/${one.id}/messages?q=zebra%20in:anywhere`, anna)).body
    await expect.poll(found, { timeout: 20_000 }).toMatchObject({ total: 8, exact: true })
    expect(await finished((await job("POST", "", { folder: one.id, action: "flag", q: "zebra" })).id)).toMatchObject({ state: "done", total: 5 })
    const trashed = await finished((await job("POST", "", { folder: one.id, action: "trash", q: "zebra in:anywhere" })).id)
    expect(trashed).toMatchObject({ total: 8, undoable: true })
    expect([(await uids(one.id)).length, (await uids(two.id)).length]).toEqual([4, 0])
    await finished((await job("POST", `/${trashed.id}/undo`)).id)
    expect([(await uids(one.id)).length, (await uids(two.id)).length]).toEqual([9, 3])
    expect(await finished((await job("POST", "", { folder: one.id, action: "seen", q: "nosuchword" })).id)).toMatchObject({ state: "done", total: 0 })
    await feed.stop()
  }, 90_000)

  it.each([
    [{ action: "move" }, 400], [{ action: "delete" }, 400], [{ action: "move", target: "0".repeat(24) }, 404], [{ action: "explode" }, 400],
  ])("is refused: %j", async (change, status) => {
    expect((await company.call("POST", "/api/mail/jobs", anna, { folder: inbox, ...change })).status).toBe(status)
    expect((await company.call("POST", "/api/mail/jobs", boris, { folder: inbox, action: "seen" })).status).toBe(404)
  })

  it("is told to every window of its user, and to nobody else", async () => {
    const listen = async (token: string) => {
      const ended = new AbortController()
      const response = await fetch(`${company.api.url}/api/mail/stream`, { headers: { authorization: `Bearer ${token}` }, signal: ended.signal })
      const heard = { text: "", stop: () => ended.abort() }
      void (async () => {
        for await (const chunk of response.body ?? []) heard.text += Buffer.from(chunk).toString()
      })().catch(() => undefined)
      return heard
    }
    const windows = await Promise.all([listen(anna), listen(anna), listen(boris)])
    // A change stream tells nothing of before it was open.
    const probe = setInterval(() => void job("POST", "", { folder: inbox, action: "seen" }), 400)
    await expect.poll(() => windows.slice(0, 2).every(({ text }) => /event: job\ndata: \{"id":".*"state":"done"/.test(text)), { timeout: 10_000 }).toBe(true)
    clearInterval(probe)
    await company.call("POST", "/api/mail/send", anna, { to: ["a@b.example"], text: "x", undoSeconds: 1 })
    await expect.poll(() => windows.slice(0, 2).every(({ text }) => text.includes("event: outbox\ndata: {}")), { timeout: 10_000 }).toBe(true)
    const began = performance.now()
    const before = windows.map(({ text }) => text.split("event: mailbox").length)
    await company.put(anna, ["Subject: New", "", "x"])
    await expect.poll(() => windows.slice(0, 2).every(({ text }, n) => text.split("event: mailbox").length > (before[n] ?? 0)), { timeout: 10_000, interval: 20 }).toBe(true)
    expect(performance.now() - began).toBeLessThan(2_000)
    expect(windows[2]?.text).not.toContain("event: job")
    for (const { stop } of windows) stop()
  })
})

describe("contacts", () => {
  it("are colleagues and people of past mails, the caller's own only", async () => {
    const { messages, users } = company.api.database
    await users.updateOne({ _id: "boris@example.com" }, { $set: { name: "Boris Großmann", aliases: ["bg@example.com"] } })
    await messages.insertMany([
      storedMessage({ summary: { subject: "", from: "Carla Stein <carla@elsewhere.example>", to: "anna@example.com", messageId: null, date: null } }),
      storedMessage({ envelope: { mailFrom: "anna@example.com", rcptTo: ["cornelius@elsewhere.example"], smtpUtf8: false, eightBit: false }, summary: { subject: "", from: "anna@example.com", to: "Cornelius <cornelius@elsewhere.example>", messageId: null, date: null } }),
      storedMessage({ owners: ["boris@example.com"], summary: { subject: "", from: "Carsten <carsten@elsewhere.example>", to: "boris@example.com", messageId: null, date: null } }),
    ])
    const found = async (q: string, token = anna) => ((await company.call("GET", `/api/mail/contacts?q=${encodeURIComponent(q)}`, token)).body["items"] as { name: string; address: string; source: string }[]).map(({ name, address, source }) => `${name} ${address} ${source}`)
    expect(await found("gross")).toEqual(["Boris Großmann boris@example.com directory"])
    expect(await found("bg")).toEqual(["Boris Großmann boris@example.com directory"])
    expect(await found("c")).toEqual(["Cornelius cornelius@elsewhere.example past", "Carla Stein carla@elsewhere.example past"])
    expect(await found("ca", boris)).toEqual(["Carsten carsten@elsewhere.example past"])
    expect(await found("anna")).toEqual([])
    const began = performance.now()
    await found("carla")
    expect(performance.now() - began).toBeLessThan(200)
  })
})
