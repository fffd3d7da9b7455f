import type { MailServer } from "@lifeboat/shared/schemas/mail-setup"
import type { MailServers } from "./mail-servers.ts"
import { escapeXml, unescapeXml, xmlDocument } from "./xml.ts"

const encryptions = { tls: "SSL", starttls: "TLS" } as const

/** The address in Outlook's question (MS-OXDSCLI 2.2.3.1, "POX"); undefined: there is none. */
export function askedAddress(request: string): string | undefined {
  const match = /<(?:\w{1,20}:)?EMailAddress\s*>\s*([^<]{1,400}?)\s*</i.exec(request)
  return match?.[1] === undefined ? undefined : unescapeXml(match[1])
}

/** Outlook's document about an account (MS-OXDSCLI 2.2.3.2); servers in the order to try. */
export function autodiscoverDocument(address: string, servers: MailServers): string {
  const protocol = (type: string, more: readonly string[]) => (server: MailServer) => protocolLines(type, address, server, more)
  return xmlDocument(
    '<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">',
    '  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">',
    `    <User><DisplayName>${escapeXml(address)}</DisplayName></User>`,
    "    <Account>",
    "      <AccountType>email</AccountType>",
    "      <Action>settings</Action>",
    servers.imap.flatMap(protocol("IMAP", [])),
    servers.pop3.flatMap(protocol("POP3", [])),
    servers.smtp.flatMap(protocol("SMTP", ["        <UsePOPAuth>on</UsePOPAuth>"])),
    "    </Account>",
    "  </Response>",
    "</Autodiscover>",
  )
}

function protocolLines(type: string, address: string, { host, port, security }: MailServer, more: readonly string[]): string[] {
  return [
    "      <Protocol>",
    `        <Type>${type}</Type>`,
    `        <Server>${escapeXml(host)}</Server>`,
    `        <Port>${port}</Port>`,
    `        <LoginName>${escapeXml(address)}</LoginName>`,
    "        <DomainRequired>off</DomainRequired>",
    "        <SPA>off</SPA>",
    "        <SSL>on</SSL>",
    `        <Encryption>${encryptions[security]}</Encryption>`,
    "        <AuthRequired>on</AuthRequired>",
    ...more,
    "      </Protocol>",
  ]
}
