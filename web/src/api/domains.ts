import type { ConnectionTest, Continuity, ContinuityChange, DomainChange, DomainView, LearnedRecipient, ModeChange, ModeView } from "@lifeboat/shared/schemas/domain"
import type { ListOf } from "@lifeboat/shared/schemas/list"
import type { SelectedUser, UserChange, UserCreate, UserView } from "@lifeboat/shared/schemas/user"
import { del, get, path, post, put, withQuery } from "./client.ts"

/** A page of a list: at most 250 items. */
export interface Page {
  readonly cursor?: string | undefined
  readonly limit?: number
  readonly q?: string
}

export const listDomains = () => get<ListOf<DomainView>>(withQuery(path("domains"), { limit: 250 }))
export const openDomain = (domain: string) => get<DomainView>(path("domains", domain))
export const putDomain = (domain: string, change: DomainChange) => put<DomainView>(path("domains", domain), change)
export const deleteDomain = (domain: string) => del<void>(path("domains", domain))
export const testConnection = (domain: string) => post<ConnectionTest>(path("domains", domain, "test-connection"))

export const openContinuity = (domain: string) => get<Continuity>(path("domains", domain, "continuity"))
export const putContinuity = (domain: string, change: ContinuityChange) => put<Continuity>(path("domains", domain, "continuity"), change)
export const listSelectedUsers = (domain: string, page: Page) => get<ListOf<SelectedUser>>(withQuery(path("domains", domain, "continuity", "users"), { ...page }))
export const addSelectedUser = (domain: string, address: string) => post<void>(path("domains", domain, "continuity", "users"), { address })
export const removeSelectedUser = (domain: string, address: string) => del<void>(path("domains", domain, "continuity", "users", address))

export const openMode = (domain: string) => get<ModeView>(path("domains", domain, "mode"))
export const putMode = (domain: string, change: ModeChange) => put<ModeView>(path("domains", domain, "mode"), change)

export const listUsers = (domain: string, page: Page, signal?: AbortSignal) => get<ListOf<UserView>>(withQuery(path("domains", domain, "users"), { ...page }), signal)
export const createUser = (domain: string, user: UserCreate) => post<UserView>(path("domains", domain, "users"), user)
export const putUser = (domain: string, address: string, change: UserChange) => put<UserView>(path("domains", domain, "users", address), change)
export const deleteUser = (domain: string, address: string) => del<void>(path("domains", domain, "users", address))

export const listLearned = (domain: string, page: Page) => get<ListOf<LearnedRecipient>>(withQuery(path("domains", domain, "learned"), { ...page }))
