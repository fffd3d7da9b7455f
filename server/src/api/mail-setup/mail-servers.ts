import type { MailServer } from "@lifeboat/shared/schemas/mail-setup"
import type { Config } from "../../config.ts"

/** The servers of this installation for mail clients, best first. */
export interface MailServers {
  readonly imap: MailServer[]
  readonly pop3: MailServer[]
  readonly smtp: MailServer[]
}

/** Name and ports as clients reach them; passwords never go in the clear, so every one is encrypted. */
export function mailServers({ hostname, ports }: Pick<Config, "hostname" | "ports">): MailServers {
  const server = (port: number, security: MailServer["security"]): MailServer => ({ host: hostname, port, security })
  return {
    imap: [server(ports.imaps, "tls"), server(ports.imap, "starttls")],
    pop3: [server(ports.pop3s, "tls")],
    smtp: [server(ports.submissions, "tls"), server(ports.submission, "starttls")],
  }
}
