import { Value } from "typebox/value"
import { ApiError, type ApiErrorCode } from "@lifeboat/shared/api-errors"
import { canonicalAddress, domainOf } from "@lifeboat/shared/address"
import type { ImportOutcome } from "@lifeboat/shared/schemas/user"
import { UserCreate, type UserChange } from "@lifeboat/shared/schemas/user"
import type { Role } from "@lifeboat/shared/schemas/session"
import { mayChangeUser } from "../../identity/access.ts"
import { verifyPassword } from "../../identity/passwords.ts"
import type { Caller } from "../../identity/sessions.ts"
import type { Users } from "../../identity/users.ts"
import type { Database } from "../../store/database.ts"
import { readCsv, type CsvRow } from "../csv.ts"

/** The most users in one file. */
export const maxImported = 5_000

/** What a line asks for; `refused`: it can be nothing, whatever the directory holds. What a cell leaves empty stays as it is. */
export interface PlannedLine {
  readonly line: number
  readonly address: string
  readonly wanted: UserCreate
  readonly refused: ApiErrorCode | null
}

const columns = ["address", "name", "aliases", "role", "password"] as const
type Column = (typeof columns)[number]

const columnNames: Readonly<Record<Column, readonly string[]>> = {
  address: ["address", "mail address", "email", "e-mail", "email address", "adresse", "mailadresse", "e-mail-adresse"],
  name: ["name", "full name", "vollständiger name"],
  aliases: ["aliases", "alias", "aliase", "aliasadressen"],
  role: ["role", "rolle"],
  password: ["password", "passwort", "kennwort"],
}

const roleNames = new Map<string, Role>([
  ["user", "user"], ["benutzer", "user"], ["administrator", "administrator"], ["operator", "operator"], ["betreiber", "operator"],
])

/** Reads a file of users. A header line may name the columns, in German or English; without it they are as in `columns`. Throws `too-large`. */
export function planImport(text: string): PlannedLine[] {
  const rows: CsvRow[] = []
  for (const row of readCsv(text)) {
    rows.push(row)
    if (rows.length > maxImported + 1) throw tooLong()
  }
  const named = rows[0] && readHeader(rows[0].cells)
  const lines = named ? rows.slice(1) : rows
  if (lines.length > maxImported) throw tooLong()
  const order = named ?? columns
  const seen = new Set<string>()
  return lines.map((row) => {
    const planned = planLine(row, order)
    const canonical = canonicalAddress(planned.address)
    if (planned.refused !== null || canonical === undefined) return planned
    if (seen.has(canonical)) return { ...planned, refused: "line-repeated" }
    seen.add(canonical)
    return planned
  })
}

function tooLong(): ApiError {
  return new ApiError("too-large", `At most ${maxImported} users can be imported at a time.`)
}

/** The column of each cell, where the first line names that of the address. */
function readHeader(cells: readonly string[]): (Column | undefined)[] | undefined {
  const named = cells.map((cell) => columns.find((column) => columnNames[column].includes(cell.toLowerCase())))
  return named.includes("address") ? named : undefined
}

function planLine({ line, cells }: CsvRow, order: readonly (Column | undefined)[]): PlannedLine {
  const cell = (column: Column): string | undefined => cells[order.indexOf(column)] || undefined
  const address = cell("address") ?? ""
  const [name, aliases, roleText, password] = [cell("name"), cell("aliases"), cell("role"), cell("password")]
  const role = roleText === undefined ? undefined : roleNames.get(roleText.toLowerCase())
  const wanted: UserCreate = {
    address,
    ...(name === undefined ? {} : { name: name.replace(/[\u0000-\u001f\u007f]+/g, " ") }),
    ...(aliases === undefined ? {} : { aliases: aliases.split(/[\s,;|]+/).filter((alias) => alias !== "") }),
    ...(role === undefined ? {} : { role }),
    ...(password === undefined ? {} : { password }),
  }
  const valid = (roleText === undefined || role !== undefined) && Value.Check(UserCreate, wanted)
  return { line, address: canonicalAddress(address) ?? address.slice(0, 320), wanted, refused: valid ? null : "invalid" }
}

export interface ImportContext {
  readonly database: Pick<Database, "users">
  readonly users: Users
  readonly caller: Caller
  readonly domain: string
  /** Domains that aliases may lie in. */
  readonly aliasDomains: ReadonlySet<string>
  /** Check everything, write nothing. */
  readonly dryRun: boolean
}

/** Makes a user what a line asks for. The same line once more finds nothing to change. Throws ApiError for what is refused. */
export async function importLine({ wanted, refused }: PlannedLine, context: ImportContext): Promise<Exclude<ImportOutcome, "refused">> {
  const { database, users, caller, domain, aliasDomains, dryRun } = context
  if (refused !== null) throw new ApiError(refused)
  const address = canonicalAddress(wanted.address)
  if (address === undefined) throw new ApiError("invalid-address")
  if (domainOf(address) !== domain) throw new ApiError("address-outside-domain")
  if (wanted.role === "operator" && caller.user.role !== "operator") throw new ApiError("not-allowed")
  const user = await database.users.findOne({ _id: address })
  if (!user) {
    await (dryRun ? users.checkNew(domain, wanted, aliasDomains) : users.create(domain, wanted, aliasDomains))
    return "created"
  }
  const { name, aliases, role, password } = wanted
  const known = password !== undefined && user.passwordHash !== null && (await verifyPassword(password, user.passwordHash))
  const change: UserChange = {
    ...(name === undefined || name === user.name ? {} : { name }),
    ...(aliases === undefined || sameAliases(aliases, user.aliases) ? {} : { aliases }),
    ...(role === undefined || role === user.role ? {} : { role }),
    ...(password === undefined || known ? {} : { password }),
  }
  if (Object.keys(change).length === 0) return "unchanged"
  if (!mayChangeUser(caller.user, user)) throw new ApiError("not-allowed")
  if (change.role !== undefined && user._id === caller.user._id) throw new ApiError("own-account")
  await (dryRun ? users.checkChange(user, change, aliasDomains) : users.change(user, change, aliasDomains, caller.session))
  return "changed"
}

function sameAliases(wanted: readonly string[], aliases: readonly string[]): boolean {
  const canonical = new Set(wanted.map((alias) => canonicalAddress(alias)))
  return canonical.size === aliases.length && aliases.every((alias) => canonical.has(alias))
}
