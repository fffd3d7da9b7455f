import type { MailView } from "@lifeboat/shared/schemas/mail"
import type { MailPlace } from "../api/mail.ts"
import type { LetterFile } from "./letter.ts"

/**
 * A draft that is saved again is another mail with other numbers for its files: each file that lay in the draft
 * `before` is found in the saved one, pictures by their Content-ID, others by name and size in their order. Without
 * `before`, every file is.
 */
export function filesAsParts(files: readonly LetterFile[], before: MailPlace | undefined, saved: Pick<MailView, "folder" | "id" | "attachmentList" | "writing">): LetterFile[] {
  const pictures = new Map(saved.writing?.pictures.map(({ cid, attachment }) => [cid, attachment]))
  const free = [...saved.attachmentList]
  return files.map((file) => {
    const { source } = file
    const meant = before === undefined || (source.at === "part" && source.folder === before.folder && source.id === before.id)
    const known = file.cid === undefined ? undefined : pictures.get(file.cid)
    const at = free.findIndex(({ id, name, size }) => (known === undefined ? (name || "attachment") === file.name && Math.abs(size - file.size) <= 2 : id === known))
    const [found] = at < 0 ? [] : free.splice(at, 1)
    return meant && found && source.at !== "here" ? { ...file, source: { at: "part" as const, folder: saved.folder, id: saved.id, attachment: found.id } } : file
  })
}
