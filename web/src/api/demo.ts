import type { DemoChange, DemoMail, DemoView } from "@lifeboat/shared/schemas/demo"
import type { ListOf } from "@lifeboat/shared/schemas/list"
import { get, path, put } from "./client.ts"

/** The sample company; `not-found` outside of the demo. */
export const openDemo = () => get<DemoView>(path("demo"))
export const putDemo = (change: DemoChange) => put<DemoView>(path("demo"), change)
export const listDemoMails = (address: string) => get<ListOf<DemoMail> | DemoMail[]>(path("demo", "mailboxes", address)).then((reply) => (Array.isArray(reply) ? reply : reply.items))
