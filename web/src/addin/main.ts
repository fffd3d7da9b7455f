import { createApp } from "vue"
import "../styles.css"
import { i18n, setLanguage } from "../text/index.ts"
import { loadOffice } from "./office-host.ts"
import { Outlook } from "./outlook.ts"
import TaskPane from "./TaskPane.vue"
import { followTheme } from "./theme.ts"

const officeJs = document.querySelector<HTMLMetaElement>("meta[name='office-js']")?.content ?? ""
const outlook = new Outlook(await loadOffice(officeJs))
await setLanguage(outlook.language)
followTheme(outlook.dark)
outlook.whenThemeChanges(() => followTheme(outlook.dark))
document.getElementById("too-old")?.remove()
createApp(TaskPane, { outlook }).use(i18n).mount("#app")
