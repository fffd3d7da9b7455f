/** How browsers say that a part of the pages could not be loaded: Chromium, Firefox, Safari. */
const unloaded = /dynamically imported module|error loading|importing a module script failed|unable to preload/i

/** Whether an error says that a part of the pages did not come. */
export const isUnloaded = (error: unknown): boolean => error instanceof Error && unloaded.test(error.message)

/**
 * A part of the pages did not come: answers whether that is because the server has another version of them. Without a
 * connection, and while the server is away, nobody knows, and reloading would only lose the page.
 */
export async function isReplaced(ask: typeof fetch, entry: string | undefined): Promise<boolean> {
  if (entry === undefined) return false
  const answer = await ask(entry, { method: "HEAD", cache: "no-store" }).catch(() => undefined)
  return answer?.status === 404
}
