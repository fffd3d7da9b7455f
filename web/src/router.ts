import { createRouter, createWebHistory, type RouteLocationRaw } from "vue-router"
import { useMail } from "./stores/mail.ts"
import { useSession } from "./stores/session.ts"
import { firstLook } from "./webmail/preferences.ts"

const panel = (name: string, path: string, component: () => Promise<unknown>) => ({ name, path, component, props: true })

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", name: "home", redirect: () => home() },
    { path: "/sign-in", name: "sign-in", component: () => import("./account/SignIn.vue"), meta: { open: true } },
    { path: "/password", name: "password-request", component: () => import("./account/PasswordRequest.vue"), meta: { open: true } },
    { path: "/new-password", name: "password-reset", component: () => import("./account/PasswordReset.vue"), meta: { open: true } },
    {
      path: "/",
      component: () => import("./shell/AppShell.vue"),
      children: [
        { path: "mail/:folder?/:id?", name: "mail", component: () => import("./webmail/WebmailPage.vue"), props: true },
        { path: "mail-window/:folder/:id", name: "mail-window", component: () => import("./webmail/MailWindow.vue"), props: true },
        { path: "archive/:id?", name: "archive", component: () => import("./archive/ArchivePage.vue"), props: true },
        { path: "trail/:id?", name: "trail", component: () => import("./trail/TrailPage.vue"), props: true },
        { path: "account", name: "account", component: () => import("./account/AccountPage.vue") },
        { path: "demo", name: "demo", component: () => import("./demo/DemoPage.vue"), meta: { open: true } },
        {
          path: "panel/:domain?",
          component: () => import("./panel/PanelLayout.vue"),
          meta: { manages: true },
          props: true,
          children: [
            panel("panel", "", () => import("./panel/mode/ModePage.vue")),
            panel("panel-tracking", "tracking/:id?", () => import("./panel/tracking/TrackingPage.vue")),
            panel("panel-continuity", "continuity", () => import("./panel/continuity/ContinuityPage.vue")),
            panel("panel-users", "users", () => import("./panel/users/UsersPage.vue")),
            panel("panel-learned", "learned", () => import("./panel/learned/LearnedPage.vue")),
            panel("panel-domain", "settings", () => import("./panel/domain/DomainPage.vue")),
            panel("panel-addin", "addin", () => import("./panel/addin/AddinPage.vue")),
            panel("panel-queue", "queue", () => import("./panel/queue/QueuePage.vue")),
            panel("panel-outages", "outages/:id?", () => import("./panel/outages/OutagesPage.vue")),
          ],
        },
      ],
    },
    { path: "/:rest(.*)*", redirect: { name: "home" } },
  ],
})

/** Where a person starts: in the webmail; without a standby mailbox, who manages in the panel, others in the workspace. */
function home(): RouteLocationRaw {
  const session = useSession()
  if (!session.view) return { name: "sign-in" }
  if (session.view.mailbox) return { name: "mail" }
  return { name: session.manages ? "panel" : "archive" }
}

router.beforeEach(async (to, from) => {
  const session = useSession()
  await session.load()
  if (to.meta.open !== true && !session.view) return { name: "sign-in", query: to.fullPath === "/" ? {} : { next: to.fullPath } }
  if (to.name === "sign-in" && session.view) return { name: "home" }
  if (to.meta.manages === true && !session.manages) return { name: "home" }
  // The rows come while the page is made that shows them.
  if (to.name === "mail" && from.name !== "mail" && session.view && to.query.q === undefined)
    useMail().lookAhead({ folder: String(to.params.folder || "inbox"), q: "", unseen: false, conversations: firstLook(session.view).conversations })
  return true
})
