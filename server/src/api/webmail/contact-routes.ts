import { ListOf } from "@lifeboat/shared/schemas/list"
import { Contact, ContactQuery } from "@lifeboat/shared/schemas/outgoing"
import { Contacts } from "../../outgoing/contacts.ts"
import type { App } from "../app.ts"
import { userOf } from "../caller.ts"
import type { ApiDependencies } from "../dependencies.ts"

const usualLimit = 8

/** People to write to, while one types. */
export function contactRoutes(app: App, { database }: Pick<ApiDependencies, "database">): void {
  const contacts = new Contacts(database)

  app.get("/api/mail/contacts", { config: { access: "user" }, schema: { tags: ["mail"], summary: "Colleagues and people of past mails whom the typed words fit", querystring: ContactQuery, response: { 200: ListOf(Contact) } } }, async (request) => {
    return { items: await contacts.find(userOf(request), request.query.q, request.query.limit ?? usualLimit), next: null }
  })
}
