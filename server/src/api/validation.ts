import type { FastifyInstance } from "fastify"
import type { TSchema } from "typebox"
import { Compile } from "typebox/compile"
import { Value } from "typebox/value"

/**
 * Checks all that comes in with TypeBox itself: bodies exactly as sent, query and path after turning text into numbers
 * and booleans. Defaults are filled in. Fields no schema knows are ignored unless it forbids them; handlers pick theirs.
 */
export function useTypeBox(app: FastifyInstance): void {
  app.setValidatorCompiler<TSchema>(({ schema, httpPart }) => {
    const check = Compile(schema)
    return (data: unknown) => {
      const read = httpPart === "body" ? structuredClone(data) : Value.Convert(schema, { ...(data as object) })
      const value = Value.Default(schema, read)
      if (check.Check(value)) return { value }
      const [first] = check.Errors(value)
      const place = [httpPart === "body" ? "" : httpPart, ...(first?.instancePath.split("/").slice(1) ?? [])].filter((part) => part !== "").join(".")
      return { error: new Error(sentence(place, first?.message ?? "is not valid")) }
    }
  })
  app.setSchemaErrorFormatter(([error]) => new Error(error?.message ?? "The request is not valid."))
}

function sentence(place: string, problem: string): string {
  return place === "" ? `The body ${problem}.` : `"${place}" ${problem}.`
}
