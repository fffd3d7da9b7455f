import { ObjectId } from "mongodb"
import type { FoundMail } from "../../mail-jobs/mail-job-worker.ts"
import { MailIndexHealth } from "../../mailbox/mail-index/mail-index-state.ts"
import { searchMails } from "../../mailbox/mail-index/mail-search.ts"
import { asksForSomething, planSearch } from "../../mailbox/mail-index/search-plan.ts"
import { WildDuckError } from "../../mailbox/wildduck-error.ts"
import { WildDuckStore } from "../../mailbox/wildduck-store.ts"
import type { MailJobDocument } from "../../store/documents.ts"
import type { ApiDependencies } from "../dependencies.ts"
import type { Mailboxes } from "./mailboxes.ts"
import { searchedFolders } from "./searched-folders.ts"

const pageSize = 500

/** The mails of a job's search, as the list of the same search shows them, page by page. Throws where not everything can be found right now. */
export function jobSearch({ database, mailbox }: Pick<ApiDependencies, "database" | "mailbox">, mailboxes: Mailboxes): (job: MailJobDocument) => AsyncGenerator<readonly FoundMail[]> {
  const stored = new WildDuckStore(database)
  const health = new MailIndexHealth(database)

  return async function* ({ account, request }) {
    const plan = planSearch(request.q ?? "", request.unseen === true)
    if (!mailbox || !asksForSomething(plan)) return
    if (!(await health.complete())) throw new WildDuckError("temporary", 0, undefined, "not every mail can be found yet")
    const known = await mailboxes.known({ api: mailbox.api, account })
    const here = known.find(({ id }) => id === request.folder)
    if (!here) throw new WildDuckError("not-found", 0, undefined, "the folder is gone")
    const folders = searchedFolders(plan.place, here, known).map(({ id }) => ObjectId.createFromHexString(id))
    let after: number | undefined
    do {
      const page = await searchMails(database, { plan, folders, limit: pageSize, start: after === undefined ? { offset: 0 } : { after } })
      const found = await stored.messages.find({ _id: { $in: page.rows.map(({ _id }) => _id) } }, { projection: { mailbox: 1, uid: 1, root: 1 }, maxTimeMS: 10_000 }).toArray()
      yield found.map((mail) => ({ folder: mail.mailbox.toHexString(), uid: mail.uid, root: mail.root.toHexString() }))
      after = page.next
    } while (after !== undefined)
  }
}
