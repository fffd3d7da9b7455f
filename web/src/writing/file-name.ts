import { plainFileName } from "@lifeboat/shared/hidden-characters"

/** Longest name that a mail carries, UTF-16 units. */
const longest = 255

/**
 * A file's name as it goes along: without control characters and those that turn the direction of writing, behind which
 * an ending can be hidden; what is too long is cut before its ending.
 */
export function fileName(name: string): string {
  const plain = plainFileName(name.toWellFormed()).trim() || "file"
  if (plain.length <= longest) return plain
  const ending = /\.[\p{L}\p{N}-]{1,20}$/u.exec(plain)?.[0] ?? ""
  return (plain.slice(0, longest - ending.length - 1).toWellFormed().replace(/\ufffd$/, "") + "…" + ending)
}
