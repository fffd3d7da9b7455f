import { pathToFileURL } from "node:url"
import type { Page } from "@playwright/test"
import type { Adapter, Seen, Step } from "./adapter.ts"
import { settle, timed } from "./stopwatch.ts"

/** The peer's own adapter, as it is kept beside the peer. */
interface PeerAdapter {
  readonly base: string
  readonly loginForm: Seen
  fillLogin(page: Page, user: string, password: string): Promise<void>
  submitLogin(page: Page): Promise<void>
  readonly firstRow: Seen
  readonly settled: Seen
  row(page: Page, n: number): Promise<{ key: string; x: number; y: number }>
  readonly bodyShown: Seen<string>
  readonly rowGone: Seen<string>
  del(page: Page): Promise<{ event: Step<string>["event"]; act(): Promise<void> }>
  search(page: Page, word: string, scope: string): Promise<{ event: Step<unknown>["event"]; act(): Promise<void>; pred: Seen<unknown>; arg?: unknown }>
  searchReset(page: Page): Promise<void>
  jump(page: Page, where: string): Promise<{ event: Step<unknown>["event"]; act(): Promise<void>; pred: Seen<unknown>; arg?: unknown }>
  readonly hasSubject: Seen<string>
}

/** Debian's Roundcube on Dovecot, through the adapter in `file`. */
export async function roundcube(file: string, password: string): Promise<Adapter> {
  const { default: peer } = (await import(pathToFileURL(file).href)) as { default: PeerAdapter }
  const jump = async (page: Page, where: string): Promise<Step<unknown>> => {
    const step = await peer.jump(page, where)
    return { event: step.event, act: () => step.act(), seen: step.pred, argument: step.arg }
  }
  return {
    name: "roundcube",
    base: peer.base,
    formShown: peer.loginForm,
    fillSignIn: (page, box) => peer.fillLogin(page, box, password),
    submitSignIn: (page) => peer.submitLogin(page),
    firstRow: peer.firstRow,
    settled: peer.settled,
    row: (page, n) => peer.row(page, n),
    bodyShown: peer.bodyShown,
    rowGone: peer.rowGone,
    remove: async (page, key) => ({ ...(await peer.del(page)), seen: peer.rowGone, argument: key }),
    search: async (page, words, scope) => {
      const step = await peer.search(page, words, scope)
      return { event: step.event, act: () => step.act(), seen: step.pred, argument: step.arg }
    },
    searchReset: (page) => peer.searchReset(page),
    jump: (page) => jump(page, "middle"),
    jumpReset: async (page) => {
      await timed(page, await jump(page, "first"))
      await settle(page, peer.settled)
    },
    hasSubject: peer.hasSubject,
  }
}
