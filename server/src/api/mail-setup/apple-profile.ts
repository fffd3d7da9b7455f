import { createHash } from "node:crypto"
import type { MailSetup } from "@lifeboat/shared/schemas/mail-setup"
import { escapeXml, xmlDocument } from "./xml.ts"

type Value = string | number | boolean | readonly Entries[]
type Entries = Readonly<Record<string, Value>>

/** A configuration profile for Apple's Mail (com.apple.mail.managed), unsigned. The same account gives the same profile, so a new one replaces the old. */
export function appleProfile(name: string, { address, imap: [incoming], smtp: [outgoing] }: MailSetup): string {
  if (!incoming || !outgoing) throw new Error("a profile needs a server for each way")
  const identifier = `lifeboat.${incoming.host}.${address}`
  const account: Entries = {
    PayloadType: "com.apple.mail.managed",
    PayloadVersion: 1,
    PayloadIdentifier: `${identifier}.mail`,
    PayloadUUID: uuidOf(`${identifier}.mail`),
    PayloadDisplayName: `Lifeboat: ${address}`,
    EmailAccountDescription: `Lifeboat: ${address}`,
    EmailAccountName: name === "" ? address : name,
    EmailAccountType: "EmailTypeIMAP",
    EmailAddress: address,
    IncomingMailServerAuthentication: "EmailAuthPassword",
    IncomingMailServerHostName: incoming.host,
    IncomingMailServerPortNumber: incoming.port,
    IncomingMailServerUseSSL: true,
    IncomingMailServerUsername: address,
    OutgoingMailServerAuthentication: "EmailAuthPassword",
    OutgoingMailServerHostName: outgoing.host,
    OutgoingMailServerPortNumber: outgoing.port,
    OutgoingMailServerUseSSL: true,
    OutgoingMailServerUsername: address,
    OutgoingPasswordSameAsIncomingPassword: true,
  }
  const profile: Entries = {
    PayloadType: "Configuration",
    PayloadVersion: 1,
    PayloadIdentifier: identifier,
    PayloadUUID: uuidOf(identifier),
    PayloadDisplayName: `Lifeboat: ${address}`,
    PayloadContent: [account],
  }
  return xmlDocument(
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    dictionary(profile),
    "</plist>",
  )
}

function dictionary(entries: Entries): string[] {
  return ["<dict>", ...Object.entries(entries).flatMap(([key, value]) => [`<key>${escapeXml(key)}</key>`, ...element(value)]), "</dict>"]
}

function element(value: Value): string[] {
  if (typeof value === "string") return [`<string>${escapeXml(value)}</string>`]
  if (typeof value === "number") return [`<integer>${value}</integer>`]
  if (typeof value === "boolean") return [value ? "<true/>" : "<false/>"]
  return ["<array>", ...value.flatMap(dictionary), "</array>"]
}

/** A UUID made of a name (RFC 9562 version 8). */
function uuidOf(name: string): string {
  const bytes = createHash("sha256").update(name).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString("hex").toUpperCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}
