import { plainName } from "@lifeboat/shared/hidden-characters"
import type { SpecialUse } from "@lifeboat/shared/schemas/mail"
import type { StoredFolder } from "../../mailbox/wildduck-schemas.ts"
import { specialUseOf } from "./mailboxes.ts"

const names: Readonly<Record<string, SpecialUse>> = {
  inbox: "inbox", posteingang: "inbox", sent: "sent", gesendet: "sent", drafts: "drafts", draft: "drafts", entwürfe: "drafts", entwurf: "drafts", junk: "junk", spam: "junk", trash: "trash", papierkorb: "trash",
}
const aside: ReadonlySet<SpecialUse | null> = new Set(["trash", "junk"])

/**
 * The folders that a search looks into: where the person is (`here`), the one named behind `in:` by its name, path or
 * use, or with `anywhere` all but trash and junk. None where no folder has that name.
 */
export function searchedFolders(place: string | undefined, here: StoredFolder, folders: readonly StoredFolder[]): readonly StoredFolder[] {
  // The archive is asked elsewhere; here it says nothing.
  if (place === undefined || place === "archive" || place === "archiv") return [here]
  if (["anywhere", "überall", "all", "alle"].includes(place)) return folders.filter((folder) => !aside.has(specialUseOf(folder)))
  const named = folders.filter(({ name, path }) => [name, plainName(name), path].some((each) => each.toLowerCase() === place))
  const use = names[place]
  return named.length > 0 || use === undefined ? named : folders.filter((folder) => specialUseOf(folder) === use)
}
