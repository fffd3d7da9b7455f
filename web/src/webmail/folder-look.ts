import { withoutUnseen } from "@lifeboat/shared/hidden-characters"
import { FileText, Folder as FolderIcon, Inbox, OctagonAlert, Send, Trash2 } from "@lucide/vue"
import type { Folder, SpecialUse } from "@lifeboat/shared/schemas/mail"
import type { Component } from "vue"
import { t } from "../text/index.ts"

const icons: Record<SpecialUse, Component> = { inbox: Inbox, sent: Send, drafts: FileText, junk: OctagonAlert, trash: Trash2 }
const order: readonly SpecialUse[] = ["inbox", "drafts", "sent", "junk", "trash"]

export const folderIcon = (folder: Folder): Component => (folder.specialUse ? icons[folder.specialUse] : FolderIcon)

/** Longest name in lists and sentences; mail clients make longer ones. */
const longest = 80

/** Special folders carry the name of the page's language, others their own, as far as there is something to see and to read. */
export function folderName({ specialUse, name }: Pick<Folder, "specialUse" | "name">): string {
  if (specialUse) return t(`folder.${specialUse}`)
  if (withoutUnseen(name).trim() === "") return t("folder.unnamed")
  return name.length <= longest ? name : `${name.slice(0, longest - 1).toWellFormed().trimEnd()}…`
}

/** Special folders first in their usual order, then the others by path. */
export function sortFolders(folders: readonly Folder[]): Folder[] {
  const rank = (folder: Folder) => (folder.specialUse ? order.indexOf(folder.specialUse) : order.length)
  return folders.toSorted((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path))
}
