import type { Static, TObject, TSchema } from "typebox"
import { Compile } from "typebox/compile"

const compiled = new WeakMap<TSchema, (value: unknown) => boolean>()

/** Lists check every row: schemas are made into code once, which is ten times as quick as walking them. */
function checkOf(schema: TSchema): (value: unknown) => boolean {
  const known = compiled.get(schema)
  if (known) return known
  const validator = Compile(schema)
  const check = (value: unknown) => validator.Check(value)
  compiled.set(schema, check)
  return check
}

function fits<Schema extends TSchema>(schema: Schema, value: unknown): value is Static<Schema> {
  return checkOf(schema)(value)
}

/**
 * What of an object fits its schema: optional properties of another form are left out. Much in a mail is its sender's
 * choice, and one strange mail must not make a whole folder unreadable. Undefined where something needed is missing.
 */
export function fitting<Schema extends TObject>(schema: Schema, answer: unknown): Static<Schema> | undefined {
  if (fits(schema, answer)) return answer
  if (typeof answer !== "object" || answer === null) return undefined
  const needed = new Set<string>(schema.required)
  const kept = Object.entries(answer).filter(([name, value]) => {
    const property = schema.properties[name]
    return property === undefined || needed.has(name) || fits(property, value)
  })
  const object: unknown = Object.fromEntries(kept)
  return fits(schema, object) ? object : undefined
}
