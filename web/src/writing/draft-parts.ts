import type { MailView } from "@lifeboat/shared/schemas/mail"
import { fileName } from "./file-name.ts"
import type { LetterFile } from "./letter.ts"

/**
 * A saved draft is another mail each time, with other numbers for its files, and holds copies of those that lay in
 * other mails, which may be moved or deleted meanwhile: each is found in the saved one, pictures by their Content-ID,
 * others by name and size in their order. `all`: uploaded ones too.
 */
export function filesAsParts(files: readonly LetterFile[], which: "parts" | "all", saved: Pick<MailView, "folder" | "id" | "attachmentList" | "writing">): LetterFile[] {
  const pictures = new Map(saved.writing?.pictures.map(({ cid, attachment }) => [cid, attachment]))
  const free = [...saved.attachmentList]
  return files.map((file) => {
    const { source } = file
    const meant = which === "all" || source.at === "part"
    const known = file.cid === undefined ? undefined : pictures.get(file.cid)
    const at = free.findIndex(({ id, name, size }) => (known === undefined ? fileName(name || "attachment") === file.name && Math.abs(size - file.size) <= 2 : id === known))
    const [found] = at < 0 ? [] : free.splice(at, 1)
    return meant && found && source.at !== "here" ? { ...file, source: { at: "part" as const, folder: saved.folder, id: saved.id, attachment: found.id } } : file
  })
}
