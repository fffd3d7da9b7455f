import type { MailServer } from "@lifeboat/shared/schemas/mail-setup"
import type { MailServers } from "./mail-servers.ts"
import { escapeXml, xmlDocument } from "./xml.ts"

const socketTypes = { tls: "SSL", starttls: "STARTTLS" } as const

/** Thunderbird's document about a domain (Mozilla autoconfig 1.1). The client puts the address in by itself. */
export function autoconfigDocument(domain: string, servers: MailServers): string {
  const name = escapeXml(domain)
  return xmlDocument(
    '<clientConfig version="1.1">',
    `  <emailProvider id="${name}">`,
    `    <domain>${name}</domain>`,
    `    <displayName>${name} (Lifeboat)</displayName>`,
    `    <displayShortName>${name}</displayShortName>`,
    servers.imap.flatMap((server) => serverLines("incomingServer", "imap", server)),
    servers.pop3.flatMap((server) => serverLines("incomingServer", "pop3", server)),
    servers.smtp.flatMap((server) => serverLines("outgoingServer", "smtp", server)),
    "  </emailProvider>",
    "</clientConfig>",
  )
}

function serverLines(element: string, type: string, { host, port, security }: MailServer): string[] {
  return [
    `    <${element} type="${type}">`,
    `      <hostname>${escapeXml(host)}</hostname>`,
    `      <port>${port}</port>`,
    `      <socketType>${socketTypes[security]}</socketType>`,
    "      <authentication>password-cleartext</authentication>",
    "      <username>%EMAILADDRESS%</username>",
    `    </${element}>`,
  ]
}
