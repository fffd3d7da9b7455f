import type { MailRow } from "@lifeboat/shared/schemas/mail"
import type { MailJob, MailJobCreate } from "@lifeboat/shared/schemas/mail-job"
import { defineStore } from "pinia"
import { shallowRef } from "vue"
import * as api from "../api/mail-actions.ts"
import { t } from "../text/index.ts"
import { say, sayError } from "../ui/toasts.ts"
import { useMail } from "./mail.ts"
import { didUndoably } from "./undo.ts"

/** How often a job is asked for, should its events stay away, milliseconds. */
const askMs = 2_000

/** Changes to a whole folder, which the server works off: how far they are. */
export const useMailJobs = defineStore("mailJobs", () => {
  const mail = useMail()
  const running = shallowRef<readonly MailJob[]>([])
  /** Jobs whose end was said. */
  const ended = new Set<string>()

  function take(job: MailJob): void {
    if (ended.has(job.id)) return
    running.value = job.state === "running" ? [...running.value.filter((each) => each.id !== job.id), job] : running.value.filter((each) => each.id !== job.id)
    if (job.state === "running") return
    ended.add(job.id)
    void mail.refresh()
    const text = t(`mailJob.${job.state}`, { n: job.done })
    if (job.undoable) didUndoably({ text, undo: async () => watch(await api.undoJob(job.id)) })
    else say(text)
  }

  function watch(job: MailJob): void {
    take(job)
    if (job.state === "running") setTimeout(() => void ask(job.id), askMs)
  }
  async function ask(id: string): Promise<void> {
    if (!running.value.some((job) => job.id === id)) return
    const job = await api.openJob(id).catch(() => running.value.find((each) => each.id === id))
    if (job) watch(job)
  }

  /** Starts a job on all that is listed but some rows; a conversation's row stands for all its mails there. */
  async function start(job: MailJobCreate, except: readonly MailRow[] = []): Promise<void> {
    try {
      const left = await Promise.all(except.map(async (row) => (row.count > 1 ? await api.openThread(row.thread, row.folder) : [row])))
      watch(await api.startJob({ ...job, ...(left.length === 0 ? {} : { except: left.flat().map((row) => row.id) }) }))
    } catch (error) {
      sayError(error)
    }
  }

  return {
    running,
    start,
    stop: (id: string) => api.stopJob(id).catch(sayError),
    /** An event of the stream tells how far a job is. */
    heard: (data: string) => {
      const job: unknown = JSON.parse(data)
      if (typeof job === "object" && job !== null && "id" in job && running.value.some((each) => each.id === job.id)) take(job as MailJob)
    },
  }
})
