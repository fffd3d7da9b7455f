import { Type, type Static } from "typebox"
import { Value } from "typebox/value"
import { Nullable, OneOf } from "@lifeboat/shared/schemas/list"
import { MailReference } from "@lifeboat/shared/schemas/mail"
import type { Outgoing } from "@lifeboat/shared/schemas/outgoing"
import { readWritten } from "./addresses.ts"

const Typed = Type.Array(Type.String())

/** What a draft keeps beside what stands in it. */
export const DraftNote = Type.Object({
  writeAs: OneOf(["rich", "plain"]),
  quote: Type.Boolean(),
  zone: Type.Optional(Type.String()),
  /** Recipients as typed, where some are half written: a header has no place for them. */
  typed: Type.Optional(Type.Object({ to: Type.Optional(Typed), cc: Type.Optional(Typed), bcc: Type.Optional(Typed) })),
  /** SHA-256 of what was saved: the same again is a repetition. */
  sum: Type.String(),
  /** The version that this one took the place of. */
  replaces: Nullable(Type.String()),
})
export type DraftNote = Static<typeof DraftNote>

/** The mark of a draft, as WildDuck keeps it with the mail. The letter comes first: drafts of one letter are found by the beginning. */
export function writeDraftMark(outgoing: Outgoing, note: DraftNote): string {
  const { reference } = outgoing
  return JSON.stringify({
    ...(outgoing.letter === undefined ? {} : { letter: outgoing.letter }),
    ...(reference ? { reference: { folder: reference.folder, id: reference.id, action: reference.action, ...(reference.message === undefined ? {} : { message: reference.message }) } } : {}),
    draft: note,
  })
}

/** How the marks of a letter's drafts begin. */
export function letterMark(letter: string): string {
  return `{"letter":${JSON.stringify(letter)}`
}

/** What was noted with a draft; undefined for every other mail and for drafts of mail clients. */
export function readDraftNote(metaData: { readonly draft?: unknown } | undefined): DraftNote | undefined {
  return Value.Check(DraftNote, metaData?.draft) ? metaData.draft : undefined
}

/** What a draft refers to; undefined where it answers nothing. */
export function readDraftReference(metaData: { readonly reference?: unknown } | undefined): MailReference | undefined {
  return Value.Check(MailReference, metaData?.reference) ? metaData.reference : undefined
}

/** The lists with half-written recipients, as typed; undefined where there are none. */
export function halfWritten({ to, cc, bcc }: Outgoing): DraftNote["typed"] {
  const kept = Object.entries({ to, cc, bcc }).flatMap(([name, list]) => (list?.some((text) => !readWritten(text)) ? [[name, list] as const] : []))
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}
