import { Type, type Static } from "typebox"
import { OneOf } from "./list.ts"

/** How a connection is encrypted: from its first byte, or by STARTTLS. */
export const securities = ["tls", "starttls"] as const

/** One server for a mail client. */
export const MailServer = Type.Object({ host: Type.String(), port: Type.Integer(), security: OneOf(securities) })
export type MailServer = Static<typeof MailServer>

/** GET /api/mail-setup: what a mail client is told, best server first. The user name is the address, the password that of the web. */
export const MailSetup = Type.Object({
  address: Type.String(),
  imap: Type.Array(MailServer),
  pop3: Type.Array(MailServer),
  smtp: Type.Array(MailServer),
})
export type MailSetup = Static<typeof MailSetup>
