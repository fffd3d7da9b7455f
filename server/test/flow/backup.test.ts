import { cp, mkdtemp, readFile, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, test } from "vitest"
import { Company, companyDomain, plainContent } from "../support/company.ts"
import { startInstallation, type Installation } from "../support/installation.ts"
import { Person } from "../support/person.ts"

const cleanUp: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step()
})

const wait = { timeout: 60_000, interval: 100 }

/** Takes a port, as another program on another machine may. */
async function takePort(port: number): Promise<void> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, "127.0.0.1", resolve)
  })
  cleanUp.push(() => new Promise((resolve) => server.close(resolve)))
}

test("a copy of the data folder is everything", async () => {
  const company = await Company.start({ timing: 20, users: ["anna", "ben"] })
  cleanUp.push(() => company.stop())
  const { primary, installation } = company
  const anna = `anna@${companyDomain}`
  const content = Buffer.concat([Buffer.from(plainContent({ subject: "bytes", to: [anna] })), Buffer.from([0x0d, 0x0a, 0xff, 0xfe, 0x2e, 0x0d, 0x0a])])
  const id = await company.accepted({ subject: "bytes", to: [anna], content })
  await primary.waitFor(1)
  await primary.behave({ refuse: true })
  for (const subject of ["held", "deleted"]) await company.accepted({ subject, to: [anna, `ben@${companyDomain}`] })
  await company.reaches("emergency")
  await expect.poll(() => company.person("anna").subjects(), wait).toEqual(["deleted", "held"])
  await expect.poll(() => company.person("ben").subjects(), wait).toEqual(["deleted", "held"])
  await company.person("anna").delete(await company.person("anna").find("deleted"))
  await company.person("anna").send({ to: ["sender@outside.example"], subject: "answer", text: "from the standby mailbox" })
  await expect.poll(() => company.person("anna").subjects("sent"), wait).toEqual(["answer"])
  const archived = await installation.bytes(`/api/archive/${id}/raw`)
  expect(archived.includes(content)).toBe(true)
  const { dataDir } = installation
  await installation.stop(true)

  const copy = await mkdtemp(join(tmpdir(), "lifeboat-copy-"))
  cleanUp.push(() => rm(copy, { recursive: true, force: true }))
  await cp(dataDir, copy, { recursive: true })
  await rm(dataDir, { recursive: true })
  for (const file of ["mongod/port", "redis/port", "wildduck/api-port"]) await takePort(Number(await readFile(join(copy, file), "utf8")))
  const restored: Installation = await startInstallation({ LIFEBOAT_DATA: copy, LIFEBOAT_TIMING: "20", LIFEBOAT_MONGO_URL: "", LIFEBOAT_REDIS_URL: "" })
  cleanUp.push(() => restored.stop())

  const password = company.person("anna").password
  const again = { anna: new Person(restored, anna, password), ben: new Person(restored, `ben@${companyDomain}`, password) }
  expect(await restored.bytes(`/api/archive/${id}/raw`)).toEqual(archived)
  expect(await again.anna.subjects()).toEqual(["held"])
  expect(await again.anna.subjects("sent")).toEqual(["answer"])
  expect(await again.ben.sources("starttls")).toHaveLength(2)
  const metrics = (await restored.bytes("/metrics")).toString()
  expect(metrics).toContain('lifeboat_deliveries_open{state="held"} 4')
  expect(metrics).toContain(`lifeboat_domain_mode{domain="${companyDomain}",mode="emergency"} 1`)

  await primary.behave({})
  await expect.poll(async () => (await restored.api<{ mode: string }>("GET", `/api/domains/${companyDomain}/mode`)).mode, wait).toBe("normal")
  await expect.poll(() => company.atPrimary("ben"), wait).toEqual(["deleted", "held"])
  await expect.poll(() => company.atPrimary("anna"), wait).toEqual(["bytes", "held"])
  await expect.poll(() => again.anna.subjects(), wait).toEqual([])
  await expect.poll(async () => (await restored.bytes("/metrics")).toString(), wait).toMatch(/^lifeboat_attempts_total\{hop="primary",outcome="delivered"\} 3$/m)
})
