import { HtmlQuery, MailParams, MailView } from "@lifeboat/shared/schemas/mail"
import type { StoredMail } from "../../mailbox/wildduck-schemas.ts"
import type { Database } from "../../store/database.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import { isDrawable } from "../mail-parts.ts"
import { printHead } from "../reading/print-head.ts"
import { readingLanguage, sendReading } from "../reading/send-reading.ts"
import type { HtmlSource, Reading } from "../reading/reading.ts"
import { answeredBy } from "./answered.ts"
import { attachmentView, claimOf, htmlOf, mailView } from "./mail-views.ts"
import { mailNumber } from "./message-routes.ts"
import type { Mailboxes } from "./mailboxes.ts"

/** Reading a mail of the caller's mailbox: what it says, and its HTML as a page of its own. */
export function readRoutes(app: App, database: Database, mailboxes: Mailboxes, reading: Reading): void {
  const openMail = async (user: UserDocument, folder: string, id: string) => {
    const mailbox = await mailboxes.openFolder(user, folder)
    return { ...mailbox, mail: await mailbox.api.mail(mailbox.account, mailbox.folder.id, mailNumber(id)) }
  }

  app.get("/api/mail/folders/:folder/messages/:id", { config: { access: "user" }, schema: { tags: ["mail"], summary: "One mail to read", params: MailParams, response: { 200: MailView } } }, async (request) => {
    const user = userOf(request)
    const { mail } = await openMail(user, request.params.folder, request.params.id)
    const html = htmlOf(mail)
    const [answered, judged, safe] = await Promise.all([
      answeredBy(database, user, [mail]),
      reading.judge(user, claimOf(mail)),
      html === "" ? undefined : reading.clean(user, sourceOf(mail, html), { pictures: false, dark: false }),
    ])
    return mailView(mail, answered, { ...judged, html, remoteContent: safe?.remoteContent ?? 0, darkReadable: safe?.darkReadable ?? true })
  })

  app.get("/api/mail/folders/:folder/messages/:id/html", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Its HTML, sanitised, as a page of its own", params: MailParams, querystring: HtmlQuery } }, async (request, reply) => {
    const user = userOf(request)
    const { mail } = await openMail(user, request.params.folder, request.params.id)
    const html = htmlOf(mail)
    const language = readingLanguage(user, request.headers["accept-language"])
    return sendReading(reply, reading, user, {
      query: request.query,
      source: html === "" ? undefined : sourceOf(mail, html),
      text: mail.text ?? "",
      trusted: async () => (await reading.judge(user, claimOf(mail))).senderTrusted,
      head: () => {
        const view = mailView(mail, new Set(), undefined)
        return printHead({ ...view, files: view.attachmentList.filter(({ inline }) => !inline).map(({ name }) => name) }, language, request.query.zone)
      },
    })
  })
}

/** Numbers are never used again in a folder, and a mail never changes (RFC 3501 §2.3.1.1). */
function sourceOf(mail: StoredMail, html: string): HtmlSource {
  return { key: `${mail.mailbox}/${mail.id}`, html, picture: ownPicture(mail) }
}

/** The address of a picture that lies in the mail, relative to its page: WildDuck says `attachment:<id>`, mails say `cid:` (RFC 2392). */
function ownPicture(mail: StoredMail): (src: string) => string | undefined {
  const addresses = new Map<string, string>()
  for (const attachment of mail.attachments ?? []) {
    if (!isDrawable(attachmentView(attachment).contentType)) continue
    const address = `attachments/${encodeURIComponent(attachment.id)}`
    addresses.set(`attachment:${attachment.id}`, address)
    if (attachment.cid) addresses.set(`cid:${attachment.cid.replace(/^<|>$/g, "")}`, address)
  }
  return (src) => addresses.get(src) ?? addresses.get(decoded(src))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
