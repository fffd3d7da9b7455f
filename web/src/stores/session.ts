import type { Language, SessionView, SignIn } from "@lifeboat/shared/schemas/session"
import { defineStore } from "pinia"
import { computed, shallowRef } from "vue"
import { useCsrf } from "../api/client.ts"
import * as api from "../api/session.ts"
import { preferredLanguage, setLanguage } from "../text/index.ts"

const languageKey = "lifeboat.language"

function storedLanguage(): Language {
  const stored = localStorage.getItem(languageKey)
  return preferredLanguage(stored === null ? navigator.languages : [stored, ...navigator.languages])
}

/** Who is signed in here, and in which language. */
export const useSession = defineStore("session", () => {
  const view = shallowRef<SessionView | null>(null)
  let loading: Promise<void> | undefined
  let last = ""

  function accept(next: SessionView | null): void {
    view.value = next
    last = next?.address ?? last
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
      await api.whoAmI().then(accept, () => accept(null))
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

  /** Ends the session and starts the page anew, so that nothing of this person stays in its memory. */
  async function signOut(): Promise<void> {
    await api.signOut().catch(() => undefined)
    location.assign("/sign-in")
  }

  return {
    view,
    address: computed(() => view.value?.address ?? ""),
    manages: computed(() => view.value?.role === "operator" || view.value?.role === "administrator"),
    operates: computed(() => view.value?.role === "operator"),
    load,
    signIn,
    signOut,
    chooseLanguage,
    /** The session is over, by the server's word. */
    forget: () => accept(null),
  }
})
