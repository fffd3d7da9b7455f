import { useQuery } from "@pinia/colada"
import { ApiError } from "../api/client.ts"
import { openDemo } from "../api/demo.ts"

/** The sample company, or null outside of the demo. */
export const useDemo = () =>
  useQuery({
    key: ["demo"],
    query: () => openDemo().catch((error: unknown) => (error instanceof ApiError && error.status >= 400 && error.status < 500 ? null : Promise.reject(error))),
    staleTime: 5_000,
  })
