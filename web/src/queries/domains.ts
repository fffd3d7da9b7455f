import { useQuery, useQueryCache } from "@pinia/colada"
import { listDomains, openContinuity, openDomain, openMode } from "../api/domains.ts"

/** The domains that the caller manages. */
export const useDomains = () => useQuery({ key: ["domains"], query: async () => (await listDomains()).items, staleTime: 10_000 })

/** One domain's settings. */
export const useDomain = (domain: () => string) => useQuery({ key: () => ["domain", domain()], query: () => openDomain(domain()), staleTime: 5_000 })

/** One domain's Continuity Service. */
export const useContinuity = (domain: () => string) => useQuery({ key: () => ["domain", domain(), "continuity"], query: () => openContinuity(domain()) })

/** One domain's mode now. */
export const useMode = (domain: () => string) => useQuery({ key: () => ["domain", domain(), "mode"], query: () => openMode(domain()) })

/** Makes everything about a domain be asked for again. */
export function useDomainRefresh() {
  const cache = useQueryCache()
  return (domain: string) => Promise.all([cache.invalidateQueries({ key: ["domain", domain] }), cache.invalidateQueries({ key: ["domains"] })])
}
