/** Longest name that a mail carries, UTF-16 units. */
const longest = 255

/**
 * A file's name as it goes along: without control characters and those that turn the direction of writing, behind which
 * an ending can be hidden; what is too long is cut before its ending.
 */
export function fileName(name: string): string {
  const plain = name.toWellFormed().replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, " ").replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "").trim() || "file"
  if (plain.length <= longest) return plain
  const ending = /\.[\p{L}\p{N}-]{1,20}$/u.exec(plain)?.[0] ?? ""
  return (plain.slice(0, longest - ending.length - 1).toWellFormed().replace(/\ufffd$/, "") + "…" + ending)
}
