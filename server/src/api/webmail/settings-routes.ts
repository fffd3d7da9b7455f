import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress } from "@lifeboat/shared/address"
import { defaultMailSettings } from "@lifeboat/shared/default-mail-settings"
import { MailSettings, MailSettingsChange } from "@lifeboat/shared/schemas/mail-settings"
import { attachmentRoom } from "../../outgoing/mail-size.ts"
import { outgoingHtml } from "../../outgoing/outgoing-html.ts"
import type { MailSettingsDocument, UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"

/** How the caller wants the webmail, signatures and trusted senders included. */
export function settingsRoutes(app: App, { config, database }: ApiDependencies): void {
  const view = (user: UserDocument, document: MailSettingsDocument | null): MailSettings => ({
    ...defaultMailSettings,
    ...document?.settings,
    identities: [user._id, ...user.aliases].map((address) => ({ name: user.name, address })),
    limits: { attachments: attachmentRoom(config.limits.messageBytes), recipients: config.limits.recipients },
  })

  app.get("/api/mail/settings", { config: { access: "user" }, schema: { tags: ["mail"], summary: "How the caller wants the webmail", response: { 200: MailSettings } } }, async (request) => {
    const user = userOf(request)
    return view(user, await database.mailSettings.findOne({ _id: user._id }))
  })

  app.put("/api/mail/settings", { bodyLimit: 4_194_304, config: { access: "user" }, schema: { tags: ["mail"], summary: "Change what is named of it", body: MailSettingsChange, response: { 200: MailSettings } } }, async (request) => {
    const user = userOf(request)
    const change = checkedSettings(request.body)
    const set = Object.fromEntries(Object.entries(change).map(([name, value]) => [`settings.${name}`, value]))
    const document = Object.keys(set).length === 0
      ? await database.mailSettings.findOne({ _id: user._id })
      : await database.mailSettings.findOneAndUpdate({ _id: user._id }, { $set: set }, { upsert: true, returnDocument: "after" })
    return view(user, document)
  })
}

/** What is kept of a change: signatures made harmless, addresses in canonical form. Throws `invalid` and `invalid-address`. */
function checkedSettings(change: MailSettingsChange): MailSettingsChange {
  const { signatures, trustedSenders } = change
  if (signatures && new Set(signatures.map(({ id }) => id)).size < signatures.length) throw new ApiError("invalid", "Two signatures have the same id.")
  return {
    ...change,
    ...(signatures ? { signatures: signatures.map(({ id, name, html }) => ({ id, name: name.replace(/[\u0000-\u001f\u007f]+/g, " ").trim(), html: outgoingHtml(html) })) } : {}),
    ...(trustedSenders ? { trustedSenders: [...new Set(trustedSenders.map(readAddress))] } : {}),
  }
}

function readAddress(text: string): string {
  const address = canonicalAddress(text)
  if (address === undefined) throw new ApiError("invalid-address", `"${text.slice(0, 100)}" is not a mail address.`)
  return address
}
