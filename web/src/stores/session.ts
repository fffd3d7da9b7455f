import { preferredLanguage } from "@lifeboat/shared/preferred-language"
import type { Language, SessionView, SignIn } from "@lifeboat/shared/schemas/session"
import { defineStore } from "pinia"
import { computed, shallowRef } from "vue"
import { ApiError, type SignedOut, useCsrf } from "../api/client.ts"
import * as api from "../api/session.ts"
import { tellSignedOut } from "../live/tabs.ts"
import { wipeKeptMail } from "../offline/local-data.ts"
import { setLanguage } from "../text/index.ts"
import { sayError } from "../ui/toasts.ts"

const languageKey = "lifeboat.language"
/** Who was signed in last in this tab. */
const lastKey = "lifeboat.last"

function storedLanguage(): Language {
  const stored = localStorage.getItem(languageKey)
  return preferredLanguage(stored === null ? navigator.languages : [stored, ...navigator.languages])
}

/** Who is signed in here, and in which language. */
export const useSession = defineStore("session", () => {
  const view = shallowRef<SessionView | null>(null)
  let loading: Promise<void> | undefined
  let last = sessionStorage.getItem(lastKey) ?? ""
  let renewing: Promise<boolean> | undefined
  const leaving = new Set<() => Promise<void>>()
  /** Set while the page waits for its person to sign in again. */
  const lapsed = shallowRef<{ readonly signedIn: () => void } | null>(null)
  /** The account was removed while it was used in this tab. */
  const removed = shallowRef(false)

  function accept(next: SessionView | null): void {
    view.value = next
    last = next?.address ?? last
    sessionStorage.setItem(lastKey, last)
    useCsrf(next?.csrf ?? "")
  }

  async function chooseLanguage(next: Language): Promise<void> {
    localStorage.setItem(languageKey, next)
    await setLanguage(next)
    if (view.value) await api.changeSession({ language: next })
  }

  /** Asks the server once who is signed in, and loads the texts. */
  function load(): Promise<void> {
    loading ??= (async () => {
      const texts = setLanguage(storedLanguage())
      await api.whoAmI().then(accept, (error: unknown) => {
        accept(null)
        // What was written in this tab is still on this computer.
        if (error instanceof ApiError && error.code === "account-removed" && last !== "") isRemoved()
      })
      await texts
      if (view.value?.language) await setLanguage(view.value.language)
    })()
    return loading
  }

  /** Answers whether the page may go on as it is: the same person as before, or the first one. */
  async function signIn(credentials: SignIn): Promise<boolean> {
    const before = last
    accept(await api.signIn(credentials))
    const chosen = localStorage.getItem(languageKey)
    if (view.value?.language && chosen === null) await setLanguage(view.value.language)
    return before === "" || before === view.value?.address
  }

  /**
   * The session is over by the server's word, while the page goes on: the person signs in over the page, and what was
   * asked is asked again. Resolves with whether the same person is signed in.
   */
  function again(code: SignedOut): Promise<boolean> {
    if (!view.value || removed.value) return Promise.resolve(false)
    if (code === "account-removed") return Promise.resolve(isRemoved())
    renewing ??= renew(code).finally(() => (renewing = undefined))
    return renewing
  }

  function isRemoved(): false {
    removed.value = true
    lapsed.value = null
    return false
  }

  /** Another tab may have signed in meanwhile; only otherwise the person is asked. */
  async function renew(code: "not-signed-in" | "csrf"): Promise<boolean> {
    const now = await api.whoAmI().catch((error: unknown) => (error instanceof ApiError ? error.code : "internal"))
    if (typeof now !== "string") {
      if (now.address === last) accept(now)
      else location.assign("/")
      return now.address === last
    }
    if (now === "account-removed") return isRemoved()
    if (now !== "not-signed-in" || code === "csrf") return false
    return new Promise((resolve) => (lapsed.value = { signedIn: () => resolve(true) }))
  }

  /** Signs in over the page after the session ended. @throws ApiError */
  async function signInAgain(password: string): Promise<void> {
    accept(await api.signIn({ address: last, password }))
    lapsed.value?.signedIn()
    lapsed.value = null
  }

  /** Work to do before the page is left for good, such as keeping what is written. */
  function beforeSignOut(work: () => Promise<void>): void {
    leaving.add(work)
  }

  /** Ends the session and starts the page anew, so that nothing of this person stays in its memory. */
  async function signOut(): Promise<void> {
    await Promise.allSettled([...leaving].map((work) => work()))
    const failed = await api.signOut().then(() => undefined, (error: unknown) => error)
    await wipeKeptMail()
    // Without the server the session goes on: nobody must believe that it ended.
    if (failed instanceof ApiError && failed.code === "offline") return sayError(failed)
    tellSignedOut()
    leave()
  }

  /** To the sign-in page, without a trace of who was here. */
  function leave(): void {
    sessionStorage.removeItem(lastKey)
    location.assign("/sign-in")
  }

  return {
    view,
    address: computed(() => view.value?.address ?? (removed.value ? last : "")),
    manages: computed(() => view.value?.role === "operator" || view.value?.role === "administrator"),
    operates: computed(() => view.value?.role === "operator"),
    load,
    lapsed,
    removed,
    again,
    signIn,
    signInAgain,
    signOut,
    leave,
    beforeSignOut,
    chooseLanguage,
    /** The session is over, by the server's word. */
    forget: () => accept(null),
  }
})
