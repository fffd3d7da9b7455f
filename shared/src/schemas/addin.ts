import { Type, type Static } from "typebox"
import { languages } from "./session.ts"
import { Nullable, OneOf, Time } from "./list.ts"

/** POST /api/addin/codes: eight characters to type into Outlook, once. */
export const AddinCode = Type.Object({ code: Type.String(), expiresAt: Time })
export type AddinCode = Static<typeof AddinCode>

/** POST /api/addin/pair: the code as typed, and what the person will know the device by. */
export const AddinPairing = Type.Object({ code: Type.String({ maxLength: 40 }), device: Type.String({ maxLength: 80 }) }, { additionalProperties: false })
export type AddinPairing = Static<typeof AddinPairing>

/** GET /api/addin/me: whose archive the add-in shows. */
export const AddinOwner = Type.Object({ address: Type.String(), name: Type.String(), language: Nullable(OneOf(languages)) })
export type AddinOwner = Static<typeof AddinOwner>

/** Answer to a pairing: the owner, and the token, which is shown only now. */
export const AddinPaired = Type.Intersect([AddinOwner, Type.Object({ token: Type.String() })])
export type AddinPaired = Static<typeof AddinPaired>

/** An Outlook that is connected with an account. */
export const AddinDeviceView = Type.Object({ id: Type.String(), name: Type.String(), createdAt: Time, usedAt: Time })
export type AddinDeviceView = Static<typeof AddinDeviceView>

/** GET /api/addin/devices, the one used last first. */
export const AddinDevices = Type.Object({ items: Type.Array(AddinDeviceView) })
export type AddinDevices = Static<typeof AddinDevices>

/** GET /api/addin/mails/:id/link: the value of `link` with which this one mail can be read without the token for a while. */
export const AddinLink = Type.Object({ link: Type.String(), expiresAt: Time })
export type AddinLink = Static<typeof AddinLink>

/** GET /api/domains/:domain/addin: where administrators find the manifest. */
export const AddinSetup = Type.Object({
  manifestUrl: Type.String(),
  id: Type.String(),
  /** Outlook loads add-ins by https only. */
  secure: Type.Boolean(),
})
export type AddinSetup = Static<typeof AddinSetup>
