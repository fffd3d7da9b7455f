import { Type, type Static } from "typebox"
import { OneOf } from "./list.ts"
import { Mailbox } from "./mail.ts"

/** `html` is sanitised when it is stored; small pictures stand in it by value (`data:`) and become parts of each mail. */
export const Signature = Type.Object({ id: Type.String({ maxLength: 40 }), name: Type.String({ minLength: 1, maxLength: 100 }), html: Type.String({ maxLength: 100_000 }) })
export type Signature = Static<typeof Signature>

const fields = {
  conversations: Type.Boolean({ description: "One row for each conversation" }),
  readingPane: OneOf(["right", "below", "off"]),
  shortcuts: Type.Boolean({ description: "Keys without Ctrl or Alt do something" }),
  /** 0: mail goes out at once. */
  undoSeconds: Type.Integer({ minimum: 0, maximum: 60 }),
  writeAs: OneOf(["rich", "plain"]),
  signatures: Type.Array(Signature, { maxItems: 20 }),
  /** Ids of signatures; empty: none. */
  signatureNew: Type.String({ maxLength: 40 }),
  signatureReply: Type.String({ maxLength: 40 }),
  /** Addresses whose pictures from outside are shown without being asked. */
  trustedSenders: Type.Array(Type.String({ maxLength: 320 }), { maxItems: 1000 }),
  darkMails: Type.Boolean({ description: "Mails on dark ground where they stay readable" }),
}

/** GET /api/mail/settings: how a person wants the webmail. `identities`: addresses to write as, the own one first. `limits`: what one mail may be, files together in bytes. */
export const MailSettings = Type.Object({ ...fields, identities: Type.Array(Mailbox), limits: Type.Object({ attachments: Type.Integer(), recipients: Type.Integer() }) })
export type MailSettings = Static<typeof MailSettings>
/** PUT: what is named is changed. */
export const MailSettingsChange = Type.Partial(Type.Object(fields), { additionalProperties: false })
export type MailSettingsChange = Static<typeof MailSettingsChange>
