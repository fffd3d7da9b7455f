import type { Folder } from "@lifeboat/shared/schemas/mail"
import { deleteFolder } from "../api/mail.ts"
import { useMailJobs } from "../stores/mail-jobs.ts"
import { useMail } from "../stores/mail.ts"
import { t } from "../text/index.ts"
import { confirm } from "../ui/confirm.ts"
import { sayError } from "../ui/toasts.ts"
import { folderName } from "./folder-look.ts"

/** What is done with a whole folder. */
export function useFolderActions() {
  const mail = useMail()
  const jobs = useMailJobs()

  /** The folder with its numbers as they are now: what is asked before deleting must not be about an earlier moment. */
  async function asItIs(folder: Folder): Promise<Folder> {
    await mail.loadFolders()
    return mail.folderOf(folder.id) ?? folder
  }

  return {
    async remove(chosen: Folder): Promise<void> {
      const folder = await asItIs(chosen)
      if (!(await confirm({ title: t("folder.deleteTitle", { name: folderName(folder) }), text: t("folder.deleteText", { n: folder.total }), confirm: t("folder.delete"), danger: true }))) return
      try {
        await deleteFolder(folder.id)
        await mail.loadFolders()
      } catch (error) {
        sayError(error)
      }
    },
    /** Deletes all mails of trash or junk for good. */
    async empty(chosen: Folder): Promise<void> {
      const folder = await asItIs(chosen)
      const name = folderName(folder)
      if (!(await confirm({ title: t("folder.emptyTitle", { name }), text: t("folder.emptyText", { n: folder.total, name }), confirm: t("mail.deleteForGood"), danger: true }))) return
      await jobs.start({ folder: folder.id, action: "delete" })
    },
    readAll: (folder: Folder) => jobs.start({ folder: folder.id, action: "seen", unseen: true }),
  }
}

/** Whether a folder can be emptied by one click: what lies there was thrown away before. */
export const canBeEmptied = (folder: Folder | undefined): boolean => folder?.specialUse === "trash" || folder?.specialUse === "junk"
