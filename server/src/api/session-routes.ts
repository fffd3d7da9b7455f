import type { FastifyReply, FastifyRequest } from "fastify"
import { Type } from "typebox"
import { ApiError } from "@lifeboat/shared/api-errors"
import { PasswordChange, SessionChange, SessionView, SignedIn, SignIn } from "@lifeboat/shared/schemas/session"
import { isCovered } from "../identity/covered.ts"
import { sessionCookie, type Caller } from "../identity/sessions.ts"
import type { App } from "./app.ts"
import { callerOf } from "./caller.ts"
import type { ApiDependencies } from "./dependencies.ts"

/** Signing in and out, who am I, own language and password. */
export function sessionRoutes(app: App, { sessions, users, signIn, domains, database }: ApiDependencies): void {
  const lookOf = async (address: string): Promise<SessionView["webmail"]> => {
    const { conversations, readingPane, shortcuts } = (await database.mailSettings.findOne({ _id: address }))?.settings ?? {}
    return { ...(conversations === undefined ? {} : { conversations }), ...(readingPane === undefined ? {} : { readingPane }), ...(shortcuts === undefined ? {} : { shortcuts }) }
  }

  const view = async ({ user, session }: Caller): Promise<SessionView> => ({
    address: user._id,
    name: user.name,
    role: user.role,
    domains: user.role === "operator" ? domains.all().map((domain) => domain._id).sort() : [user.domain],
    language: user.language,
    mailbox: isCovered(domains.get(user.domain), user),
    webmail: await lookOf(user._id),
    csrf: session.csrf,
  })

  const check = async (address: string, password: string, request: FastifyRequest) => {
    const result = await signIn.authenticate(address, password, request.ip, "web")
    if (result.kind === "limited") throw new ApiError("too-many-attempts", undefined, result.retryAfterMs / 1000)
    if (result.kind === "unavailable") throw new ApiError("unavailable")
    if (result.kind === "wrong") throw new ApiError("wrong-credentials")
    return result.user
  }

  const setCookie = (reply: FastifyReply, request: FastifyRequest, token: string) => {
    void reply.setCookie(sessionCookie, token, { path: "/", httpOnly: true, sameSite: "lax", secure: request.protocol === "https" })
  }

  app.post("/api/session", { config: { access: "public" }, schema: { tags: ["session"], summary: "Sign in", body: SignIn, response: { 200: SignedIn } } }, async (request, reply) => {
    const user = await check(request.body.address, request.body.password, request)
    const { token, session } = await sessions.begin(user._id)
    setCookie(reply, request, token)
    return { ...(await view({ user, session })), token }
  })

  app.get("/api/session", { config: { access: "user" }, schema: { tags: ["session"], summary: "Who am I", response: { 200: SessionView } } }, async (request) => view(callerOf(request)))

  app.delete("/api/session", { config: { access: "user" }, schema: { tags: ["session"], summary: "Sign out", response: { 204: Type.Null() } } }, async (request, reply) => {
    await sessions.end(callerOf(request).session)
    // Attachments may lie in the browser's own cache. Not its storage: settings of this device stay, and the page removes its mail itself.
    void reply.clearCookie(sessionCookie, { path: "/" }).header("clear-site-data", '"cache"')
    return reply.code(204).send(null)
  })

  app.put("/api/session", { config: { access: "user" }, schema: { tags: ["session"], summary: "Change the language", body: SessionChange, response: { 200: SessionView } } }, async (request) => {
    const { user, session } = callerOf(request)
    await users.setLanguage(user, request.body.language)
    return view({ user: { ...user, language: request.body.language }, session })
  })

  app.put("/api/session/password", { config: { access: "user" }, schema: { tags: ["session"], summary: "Change the own password", body: PasswordChange, response: { 204: Type.Null() } } }, async (request, reply) => {
    const { user, session } = callerOf(request)
    await check(user._id, request.body.current, request)
    await users.change(user, { password: request.body.password }, new Set(), session)
    return reply.code(204).send(null)
  })
}
