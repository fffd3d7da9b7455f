import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { canonicalAddress } from "@lifeboat/shared/address"
import { DemoChange, DemoMail, DemoView } from "@lifeboat/shared/schemas/demo"
import { ListOf } from "@lifeboat/shared/schemas/list"
import type { App } from "../app.ts"
import type { ApiDependencies, DemoControl } from "../dependencies.ts"

/** The sample company: only in the demo, open to whoever sees its page; 404 everywhere else. */
export function demoRoutes(app: App, { demo }: ApiDependencies): void {
  const present = (): DemoControl => {
    if (!demo) throw new ApiError("not-found")
    return demo
  }

  app.get("/api/demo", { config: { access: "public" }, schema: { tags: ["demo"], summary: "The sample company", response: { 200: DemoView } } }, async () => present().view())

  app.put("/api/demo", { config: { access: "public" }, schema: { tags: ["demo"], summary: "Stop and start the sample company's mail server", body: DemoChange, response: { 200: DemoView } } }, async (request) => present().change(request.body))

  app.get("/api/demo/mailboxes/:address", { config: { access: "public" }, schema: { tags: ["demo"], summary: "Mails in a mailbox of the sample server", params: Type.Object({ address: Type.String({ maxLength: 320 }) }), response: { 200: ListOf(DemoMail) } } }, async (request) => {
    const mails = await present().mailbox(canonicalAddress(request.params.address) ?? request.params.address)
    if (!mails) throw new ApiError("not-found")
    return { items: mails, next: null }
  })
}
