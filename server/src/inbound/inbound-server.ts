import { domainOf } from "@lifeboat/shared/address"
import type { MailServer, MailServerDependencies, ServerPolicy } from "./mail-server.ts"
import { relayDomains } from "./relay-addresses.ts"
import { canonicalSender } from "./sender-address.ts"
import { listen } from "./smtp-listener.ts"

/**
 * Opens the port for other mail servers. Recipients of hosted domains only; a primary whose address is in its
 * domain's relay list may send from that domain, and its reports from `<>`, to anywhere.
 */
export function createInboundServer(dependencies: MailServerDependencies, port: number): Promise<MailServer> {
  const { domains } = dependencies
  const policy: ServerPolicy = {
    authentication: false,
    sender: (client, mailFrom) => {
      const allowed = relayDomains(client.address, domains.all())
      if (allowed.length === 0) return { relay: false }
      const sender = canonicalSender(mailFrom)
      return { relay: mailFrom === "" || (sender !== undefined && allowed.includes(domainOf(sender))) }
    },
    content: () => undefined,
  }
  return listen(dependencies, {
    port,
    policy,
    implicitTls: false,
    trusted: (address) => relayDomains(address, domains.all()).length > 0,
  })
}
