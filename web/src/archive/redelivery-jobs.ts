import { mostFound } from "@lifeboat/shared/archive-limits"
import type { ArchiveFilter, ArchiveFound, RedeliveryJob } from "@lifeboat/shared/schemas/archive"
import { defineStore } from "pinia"
import { shallowRef } from "vue"
import * as api from "../api/archive.ts"
import { useSession } from "../stores/session.ts"
import { t } from "../text/index.ts"
import { useFormats } from "../ui/formats.ts"
import { confirm } from "../ui/confirm.ts"
import { say, sayError } from "../ui/toasts.ts"

/** How often a running job is asked how far it is, milliseconds. */
const askMs = 1_000

/** Everything a filter found, on its way again: worked off by the server, also while nobody looks. */
export const useRedeliveryJobs = defineStore("redeliveryJobs", () => {
  const session = useSession()
  const { number } = useFormats()
  const jobs = shallowRef<readonly RedeliveryJob[]>([])
  let timer: ReturnType<typeof setTimeout> | undefined

  function take(job: RedeliveryJob): void {
    jobs.value = jobs.value.some((each) => each.id === job.id) ? jobs.value.map((each) => (each.id === job.id ? job : each)) : [...jobs.value, job]
    if (jobs.value.some((each) => each.state === "running")) timer ??= setTimeout(() => void ask(), askMs)
  }

  async function ask(): Promise<void> {
    timer = undefined
    // A connection that is lost for the moment is asked again.
    await Promise.all(jobs.value.filter((job) => job.state === "running").map(async (job) => take(await api.openRedelivery(job.id).catch(() => job))))
  }

  /** Asks the person, then begins. Answers whether they agreed. */
  async function start(filter: ArchiveFilter, { total, sent }: ArchiveFound): Promise<boolean> {
    if (total > mostFound) {
      say(t("error.too-many-found"))
      return false
    }
    const received = total - sent
    const points = [
      ...(received === 0 ? [] : [session.manages ? t("archive.askDomain", { n: received }) : t("archive.askOwn", { n: received, address: session.address })]),
      ...(sent === 0 ? [] : [t("archive.askSentAll", { n: sent })]),
    ]
    if (!(await confirm({ title: t("archive.askTitle", { n: total }), text: t("archive.askText", { n: total }), points, confirm: t("archive.redeliver") }))) return false
    try {
      take(await api.startRedelivery(filter))
      return true
    } catch (error) {
      sayError(error)
      return false
    }
  }

  return {
    jobs,
    start,
    /** Shows what still runs from before this page was opened. */
    recall: async () => {
      const { items } = await api.listRedeliveries().catch(() => ({ items: [] }))
      for (const job of items) if (job.state === "running") take(job)
    },
    stop: (id: string) => api.stopRedelivery(id).then(take, sayError),
    close: (id: string) => (jobs.value = jobs.value.filter((job) => job.id !== id)),
    /** What became of it, in one sentence. */
    result: ({ state, done }: RedeliveryJob) => (state === "running" ? "" : t(`archive.job.${state}`, { n: done, count: number(done) })),
  }
})
