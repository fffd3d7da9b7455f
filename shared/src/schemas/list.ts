import { Type, type Static, type TEnum, type TSchema } from "typebox"

/** Query of every list: at most 250 items, `cursor` from the `next` of the page before. */
export const ListQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 250, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 500 })),
})
export type ListQuery = Static<typeof ListQuery>

/** Reply of every list: `next` is the cursor of the next page, or null at the end. */
export const ListOf = <T extends TSchema>(item: T) => Type.Object({ items: Type.Array(item), next: Type.Union([Type.String(), Type.Null()]) })
export interface ListOf<T> {
  items: T[]
  next: string | null
}

/** Reply of every error. */
export const ErrorReply = Type.Object({ code: Type.String(), message: Type.String() })
export type ErrorReply = Static<typeof ErrorReply>

/** A point in time, ISO 8601 in UTC. */
export const Time = Type.String({ format: "date-time" })

/** `T` or null. */
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** One of the given words. */
export const OneOf = <const T extends readonly string[]>(words: T): TEnum<[...T]> => Type.Enum<[...T]>([...words])
