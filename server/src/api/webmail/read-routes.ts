import { ObjectId } from "mongodb"
import { ApiError } from "@lifeboat/shared/api-errors"
import { HtmlQuery, MailParams, MailView } from "@lifeboat/shared/schemas/mail"
import { readMarks } from "../../mailbox/stored-rows.ts"
import type { StoredMail } from "../../mailbox/wildduck-schemas.ts"
import { WildDuckStore } from "../../mailbox/wildduck-store.ts"
import type { Database } from "../../store/database.ts"
import type { UserDocument } from "../../store/documents.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import { InvitationAnswers } from "../parts/invitation-answers.ts"
import { ownPictures } from "../parts/own-pictures.ts"
import { invitationOf } from "../parts/parts-view.ts"
import { printHead } from "../reading/print-head.ts"
import { readingLanguage, sendReading } from "../reading/send-reading.ts"
import type { HtmlSource, Reading } from "../reading/reading.ts"
import { answersOf } from "./answered.ts"
import { claimOf, mailView } from "./mail-views.ts"
import { mailNumber } from "./message-routes.ts"
import type { Mailboxes } from "./mailboxes.ts"
import { RecentReadings, type OpenedMail } from "./recent-readings.ts"
import { readStored, type StoredReading } from "./stored-reading.ts"

/** Reading a mail of the caller's mailbox: what it says, and its HTML as a page of its own. */
export function readRoutes(app: App, database: Database, mailboxes: Mailboxes, reading: Reading): void {
  const recent = new RecentReadings()
  const stored = new WildDuckStore(database)
  /** `current`: its marks are wanted as they are now. */
  const openMail = async (user: UserDocument, folder: string, id: string, current: boolean): Promise<OpenedMail> => {
    const mailbox = await mailboxes.openFolder(user, folder)
    const uid = mailNumber(id)
    const key = `${mailbox.folder.id}/${uid}`
    const now = performance.now()
    const known = recent.find(key, now)
    if (known) {
      const [opened, marks] = await Promise.all([known, current ? readMarks(stored, ObjectId.createFromHexString(mailbox.folder.id), uid) : {}])
      if (marks === undefined) throw new ApiError("not-found")
      return { ...opened, mail: { ...opened.mail, ...marks } }
    }
    const open = async () => {
      const mail = await mailbox.api.mail(mailbox.account, mailbox.folder.id, uid)
      return { mail, read: await readStored(mailbox, mail) }
    }
    return recent.keep(key, open(), now)
  }
  const answers = new InvitationAnswers(database)

  app.get("/api/mail/folders/:folder/messages/:id", { config: { access: "user" }, schema: { tags: ["mail"], summary: "One mail to read", params: MailParams, response: { 200: MailView } } }, async (request) => {
    const user = userOf(request)
    const answeredOf = answersOf(database, user)
    const { mail, read } = await openMail(user, request.params.folder, request.params.id, true)
    const source = sourceOf(mail, read)
    const [answered, judged, safe, invitation] = await Promise.all([
      answeredOf([mail]),
      reading.judge(user, claimOf(mail)),
      source && reading.clean(user, source, { pictures: false, dark: false }),
      invitationOf(read.parts, user, answers, true),
    ])
    return mailView(mail, answered, read, { ...judged, invitation, remoteContent: safe?.remoteContent ?? 0, darkReadable: safe?.darkReadable ?? true })
  })

  app.get("/api/mail/folders/:folder/messages/:id/html", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Its HTML, sanitised, as a page of its own", params: MailParams, querystring: HtmlQuery } }, async (request, reply) => {
    const user = userOf(request)
    const { mail, read } = await openMail(user, request.params.folder, request.params.id, false)
    const language = readingLanguage(user, request.headers["accept-language"])
    return sendReading(reply, reading, user, {
      query: request.query,
      source: sourceOf(mail, read),
      text: read.text,
      language,
      trusted: async () => (await reading.judge(user, claimOf(mail))).senderTrusted,
      head: () => {
        const view = mailView(mail, new Set(), read, undefined)
        return printHead({ ...view, files: view.attachmentList.filter(({ inline }) => !inline).map(({ name }) => name) }, language, request.query.zone)
      },
    })
  })
}

/** Numbers are never used again in a folder, and a mail never changes (RFC 3501 §2.3.1.1). */
function sourceOf(mail: StoredMail, { html, parts }: StoredReading): HtmlSource | undefined {
  return html === undefined ? undefined : { key: `${mail.mailbox}/${mail.id}`, html, pictures: ownPictures(parts, "attachments/") }
}
