import type { Page } from "@playwright/test"

/** Runs inside the page, once a frame, as text: it may use its argument and the page's globals only. True: the person sees it. */
export type Seen<A = void> = (argument: A) => unknown

/** What a person does, up to but not including the last key or press, and how the page shows that it is done. */
export interface Step<A> {
  /** The DOM event that the clock starts with. */
  readonly event: "keydown" | "mousedown" | "input"
  act(): Promise<void>
  readonly seen: Seen<A>
  readonly argument: A
}

/** How one webmail is used: what stands where, nothing about time. */
export interface Adapter {
  readonly name: string
  readonly base: string
  readonly formShown: Seen
  fillSignIn(page: Page, box: string): Promise<void>
  submitSignIn(page: Page): Promise<void>
  /** The first row of the list is on the screen with its subject. */
  readonly firstRow: Seen
  /** The list is shown and nothing is under way. */
  readonly settled: Seen
  /** The n-th row on the screen and where to press it. */
  row(page: Page, n: number): Promise<{ key: string; x: number; y: number }>
  readonly bodyShown: Seen<string>
  readonly rowGone: Seen<string>
  /** Deletes the opened mail. */
  remove(page: Page, key: string): Promise<Step<string>>
  search(page: Page, words: string, scope: "subject" | "body"): Promise<Step<unknown>>
  searchReset(page: Page): Promise<void>
  /** To the middle of the list. */
  jump(page: Page): Promise<Step<unknown>>
  jumpReset(page: Page): Promise<void>
  readonly hasSubject: Seen<string>
}
