import { PiniaColada } from "@pinia/colada"
import { createPinia } from "pinia"
import { createApp } from "vue"
import { whenSignedOut } from "./api/client.ts"
import App from "./App.vue"
import { router } from "./router.ts"
import { useSession } from "./stores/session.ts"
import "./styles.css"
import { i18n } from "./text/index.ts"

const app = createApp(App)
app.use(createPinia())
app.use(PiniaColada, { queryOptions: { staleTime: 2_000, gcTime: 300_000 } })
app.use(i18n)
whenSignedOut(() => {
  const session = useSession()
  if (!session.view) return
  session.forget()
  void router.push({ name: "sign-in", query: { next: router.currentRoute.value.fullPath, expired: "1" } })
})
app.use(router)
await useSession().load()
app.mount("#app")
