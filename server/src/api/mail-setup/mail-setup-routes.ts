import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress, canonicalDomain, domainOf } from "@lifeboat/shared/address"
import { MailSetup } from "@lifeboat/shared/schemas/mail-setup"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"
import { appleProfile } from "./apple-profile.ts"
import { autoconfigDocument } from "./autoconfig.ts"
import { askedAddress, autodiscoverDocument } from "./autodiscover.ts"
import { mailServers } from "./mail-servers.ts"

const requestLimit = 65_536
const xmlType = "text/xml; charset=utf-8"

const AutoconfigQuery = Type.Object({ emailaddress: Type.Optional(Type.String({ maxLength: 400 })) })

/**
 * Mail clients set themselves up (E5). The public documents follow from the domain alone: whether an address exists is
 * never looked up.
 */
export function mailSetupRoutes(app: App, { config, domains }: ApiDependencies): void {
  const servers = mailServers(config)

  const hosted = (domain: string | undefined): string => {
    if (domain === undefined || !domains.get(domain)) throw new ApiError("not-found")
    return domain
  }

  for (const path of ["/.well-known/autoconfig/mail/config-v1.1.xml", "/mail/config-v1.1.xml"]) {
    app.get(path, { config: { access: "public" }, schema: { tags: ["mail setup"], summary: "Thunderbird's autoconfig", querystring: AutoconfigQuery } }, (request, reply) => {
      const { emailaddress } = request.query
      const address = emailaddress === undefined ? undefined : canonicalAddress(emailaddress)
      const domain = emailaddress === undefined ? canonicalDomain(request.hostname.replace(/^autoconfig\./i, "")) : address && domainOf(address)
      return reply.type(xmlType).send(autoconfigDocument(hosted(domain), servers))
    })
  }

  app.register((scope: App, _options, done) => {
    scope.addContentTypeParser(["text/xml", "application/xml"], { parseAs: "string", bodyLimit: requestLimit }, (_request, body, parsed) => parsed(null, body.toString()))
    for (const path of ["/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml", "/AutoDiscover/AutoDiscover.xml"]) {
      scope.post(path, { config: { access: "public" }, schema: { tags: ["mail setup"], summary: "Outlook's autodiscover (POX)" } }, (request, reply) => {
        const address = canonicalAddress(askedAddress(typeof request.body === "string" ? request.body : "") ?? "")
        if (address === undefined) throw new ApiError("invalid-address")
        hosted(domainOf(address))
        return reply.type(xmlType).send(autodiscoverDocument(address, servers))
      })
    }
    done()
  })

  app.get("/api/mail-setup", { config: { access: "user" }, schema: { tags: ["mail setup"], summary: "What to enter in a mail client", response: { 200: MailSetup } } }, (request) => ({ address: userOf(request)._id, ...servers }))

  app.get("/api/mail-setup/apple.mobileconfig", { config: { access: "user" }, schema: { tags: ["mail setup"], summary: "A profile for Apple's Mail" } }, (request, reply) => {
    const { _id: address, name } = userOf(request)
    return reply.type("application/x-apple-aspen-config").header("content-disposition", 'attachment; filename="lifeboat.mobileconfig"').send(appleProfile(name, { address, ...servers }))
  })
}
