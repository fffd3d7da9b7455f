import { reactive } from "vue"
import { ApiError } from "../api/client.ts"
import { isUnloaded } from "../live/part-missing.ts"
import { hasText, t } from "../text/index.ts"

/** A short message at the edge of the page, with at most one action. */
export interface Toast {
  readonly id: number
  readonly kind: "done" | "failed"
  readonly text: string
  readonly action: { readonly label: string; readonly run: () => void } | undefined
}

export const toasts = reactive<Toast[]>([])
let last = 0

function show(kind: Toast["kind"], text: string, action?: Toast["action"]): number {
  // The same failure again is said again, not twice.
  const same = toasts.findIndex((toast) => kind === "failed" && toast.kind === kind && toast.text === text)
  if (same >= 0) toasts.splice(same, 1)
  toasts.push({ id: ++last, kind, text, action })
  if (toasts.length > 3) toasts.shift()
  return last
}

/** Says that something is done. Answers the id for `dismiss`. */
export const say = (text: string, action?: Toast["action"]) => show("done", text, action)

/** The sentence for an error in the page's language. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return t(isUnloaded(error) ? "error.offline" : "error.internal")
  const key = `error.${error.code}`
  return hasText(key) ? t(key) : error.message || t("error.internal")
}

/** Says why something failed. That the session or the account is gone is said by a dialog of its own. */
export function sayError(error: unknown): void {
  if (!(error instanceof ApiError && (error.code === "not-signed-in" || error.code === "account-removed"))) show("failed", sentence(error))
}

export function dismiss(id: number): void {
  const at = toasts.findIndex((toast) => toast.id === id)
  if (at >= 0) toasts.splice(at, 1)
}
