import type { Static, TObject } from "typebox"
import { Value } from "typebox/value"

/**
 * What of an object fits its schema: optional properties of another form are left out. Much in a mail is its sender's
 * choice, and one strange mail must not make a whole folder unreadable. Undefined where something needed is missing.
 */
export function fitting<Schema extends TObject>(schema: Schema, answer: unknown): Static<Schema> | undefined {
  if (Value.Check(schema, answer)) return answer
  if (typeof answer !== "object" || answer === null) return undefined
  const needed = new Set<string>(schema.required)
  const kept = Object.entries(answer).filter(([name, value]) => {
    const property = schema.properties[name]
    return property === undefined || needed.has(name) || Value.Check(property, value)
  })
  const object: unknown = Object.fromEntries(kept)
  return Value.Check(schema, object) ? object : undefined
}
