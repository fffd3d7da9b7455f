import { PiniaColada } from "@pinia/colada"
import { createPinia } from "pinia"
import { createApp } from "vue"
import { whenSignedOut } from "./api/client.ts"
import App from "./App.vue"
import { watchVersion } from "./live/version.ts"
import { router } from "./router.ts"
import { useSession } from "./stores/session.ts"
import "./styles.css"
import { i18n } from "./text/index.ts"

const app = createApp(App)
app.use(createPinia())
app.use(PiniaColada, { queryOptions: { staleTime: 2_000, gcTime: 300_000 } })
app.use(i18n)
whenSignedOut((code) => useSession().again(code))
app.use(router)
await useSession().load()
app.mount("#app")
void watchVersion()
