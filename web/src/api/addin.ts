import type { Redelivered } from "@lifeboat/shared/schemas/archive"
import type { AddinCode, AddinDevices, AddinLink, AddinOwner, AddinPaired, AddinPairing, AddinSetup } from "@lifeboat/shared/schemas/addin"
import { del, get, path, post } from "./client.ts"

export const makeAddinCode = () => post<AddinCode>(path("addin", "codes"))
export const listAddinDevices = () => get<AddinDevices>(path("addin", "devices"))
export const endAddinDevice = (id: string) => del<void>(path("addin", "devices", id))
export const openAddinSetup = (domain: string) => get<AddinSetup>(path("domains", domain, "addin"))

/** Connects this Outlook by a code; asked without a token. */
export const pairAddin = (pairing: AddinPairing) => post<AddinPaired>(path("addin", "pair"), pairing)
/** Whose archive this Outlook shows. */
export const openAddinOwner = () => get<AddinOwner>(path("addin", "me"))
/** Disconnects this Outlook. */
export const endAddin = () => del<void>(path("addin", "me"))
/** What has to stand behind `?link=` for reading one mail without the token, for ten minutes. */
export const linkToMail = (id: string) => get<AddinLink>(path("addin", "mails", id, "link"))
/** Delivers one mail again: inbound to its owner, outbound to its recipients. */
export const redeliver = (id: string) => post<Redelivered>(path("archive", id, "redeliver"))
