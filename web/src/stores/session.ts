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

  function accept(next: SessionView | null): void {
    view.value = next
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

  async function signIn(credentials: SignIn): Promise<void> {
    accept(await api.signIn(credentials))
    const chosen = localStorage.getItem(languageKey)
    if (view.value?.language && chosen === null) await setLanguage(view.value.language)
  }

  async function signOut(): Promise<void> {
    await api.signOut().catch(() => undefined)
    accept(null)
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
