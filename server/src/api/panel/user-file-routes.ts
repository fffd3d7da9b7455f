import { Readable } from "node:stream"
import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import type { ImportedLine, UserImport } from "@lifeboat/shared/schemas/user"
import { recordAct } from "../../identity/audit.ts"
import { isCovered } from "../../identity/covered.ts"
import type { DomainDocument, UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { callerOf, domainParam } from "../caller.ts"
import { CsvQuery, decodeCsv, sendCsv } from "../csv.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { toApiError } from "../errors.ts"
import { DomainParams, storedDomain } from "./domain-routes.ts"
import { importLine, planImport, type ImportContext, type PlannedLine } from "./user-import.ts"
import { aliasDomainsFor } from "./user-routes.ts"

const fileLimit = 4_194_304
/** Lines at a time: each may hash a password, and sign-ins want to go on. */
const linesAtOnce = 2
const importsAtOnce = 2
const exportBatch = 500

const exportColumns = ["address", "name", "aliases", "role", "source", "covered", "ready", "last sign-in"] as const
const ImportQuery = Type.Object({ dryRun: Type.Optional(Type.Boolean()) })

/** Users of a domain as a file, in and out (D4). What goes out can come in again. */
export function userFileRoutes(app: App, deps: ApiDependencies): void {
  const { database, domains, users, log } = deps
  let running = 0

  app.get("/api/domains/:domain/users.csv", { config: { access: "administrator" }, schema: { tags: ["users"], summary: "Users of a domain as a file for spreadsheets", params: DomainParams, querystring: CsvQuery } }, async (request, reply) => {
    const domain = await storedDomain(deps, domainParam(request))
    const rows = database.users.find({ domain: domain._id }).sort({ _id: 1 }).batchSize(exportBatch)
    async function* batches(): AsyncGenerator<string[][]> {
      for await (const user of rows) yield [cellsOf(domain, user)]
    }
    return sendCsv(reply, `users-${domain._id}.csv`, exportColumns, batches(), request.query.separator)
  })

  const outcomeOf = async (line: PlannedLine, context: ImportContext): Promise<ImportedLine> => {
    try {
      return { line: line.line, address: line.address, outcome: await importLine(line, context), code: null }
    } catch (error) {
      const { code } = toApiError(error)
      if (code === "internal") log.error({ error: String(error), line: line.line }, "a line could not be imported")
      return { line: line.line, address: line.address, outcome: "refused", code }
    }
  }

  /** The answer piece by piece, because thousands of passwords take minutes to hash. */
  async function* answer(lines: readonly PlannedLine[], context: ImportContext): AsyncGenerator<string> {
    const counts: UserImport["counts"] = { created: 0, changed: 0, unchanged: 0, refused: 0 }
    running++
    try {
      yield `{"dryRun":${context.dryRun},"lines":[`
      for (let at = 0; at < lines.length; at += linesAtOnce) {
        const done = await Promise.all(lines.slice(at, at + linesAtOnce).map((line) => outcomeOf(line, context)))
        for (const { outcome } of done) counts[outcome]++
        yield (at === 0 ? "" : ",") + done.map((each) => JSON.stringify(each)).join(",")
      }
      yield `],"counts":${JSON.stringify(counts)}}`
    } finally {
      running--
      if (!context.dryRun) await recordAct(database, context.caller.user._id, context.domain, "users-imported", JSON.stringify(counts))
    }
  }

  app.register((scope: App, _options, done) => {
    scope.addContentTypeParser("text/csv", { parseAs: "buffer" }, (_request, body, parsed) => parsed(null, body))
    scope.post("/api/domains/:domain/users/import", { bodyLimit: fileLimit, config: { access: "administrator" }, schema: { tags: ["users"], summary: "Create and change users by a CSV file: address, name, aliases, role, password", params: DomainParams, querystring: ImportQuery } }, async (request, reply) => {
      const domain = await storedDomain(deps, domainParam(request))
      const caller = callerOf(request)
      if (!Buffer.isBuffer(request.body)) throw new ApiError("unsupported-type", "The body must be CSV (text/csv).")
      const lines = planImport(decodeCsv(request.body))
      if (running >= importsAtOnce) throw new ApiError("unavailable", "Other imports are under way. Please try again in a moment.", 30)
      const context: ImportContext = {
        database, users, caller, domain: domain._id, dryRun: request.query.dryRun === true,
        aliasDomains: aliasDomainsFor(caller.user, domain._id, domains),
      }
      return reply.type("application/json; charset=utf-8").send(Readable.from(answer(lines, context), { objectMode: false }))
    })
    done()
  })
}

function cellsOf(domain: DomainDocument, user: UserDocument): string[] {
  const yes = (value: boolean) => (value ? "yes" : "no")
  return [user._id, user.name, user.aliases.join(" "), user.role, user.source, yes(isCovered(domain, user)), yes(user.passwordHash !== null), user.lastLoginAt?.toISOString() ?? ""]
}
