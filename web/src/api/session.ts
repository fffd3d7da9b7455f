import type { PasswordChange, PasswordRequest, PasswordReset, SessionChange, SessionView, SignedIn, SignIn } from "@lifeboat/shared/schemas/session"
import { del, getOnce, path, post, put } from "./client.ts"

const url = path("session")

/** Who is signed in. */
export const whoAmI = () => getOnce<SessionView>(url)
export const signIn = (body: SignIn) => post<SignedIn>(url, body)
export const signOut = () => del<void>(url)
export const changeSession = (body: SessionChange) => put<void>(url, body)
export const requestPassword = (body: PasswordRequest) => post<void>(path("session", "password-request"), body)
export const resetPassword = (body: PasswordReset) => post<void>(path("session", "password-reset"), body)
export const changePassword = (body: PasswordChange) => put<void>(path("session", "password"), body)
