import { plainFileName } from "@lifeboat/shared/hidden-characters"
import libmime from "libmime"

const longest = 150
/** Device names of Windows, whatever their ending. */
const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i

/** A name for a file that has none. `index`: its place in the mail. */
export function nameForNameless(contentType: string, index: number): string {
  if (contentType === "text/calendar") return "invite.ics"
  if (contentType === "text/rfc822-headers") return "headers.txt"
  return /^text\/(?:x-)?vcard$/.test(contentType) ? "contact.vcf" : `attachment-${index + 1}.${libmime.detectExtension(contentType) || "bin"}`
}

/** A stranger's file name, shortened in the middle so that its ending stays. `limit` in characters. */
export function shortened(name: string, limit: number): string {
  if (name.length <= limit) return name.toWellFormed()
  const ending = /\.[\p{L}\p{N}]{1,10}$/u.exec(name.slice(-12))?.[0] ?? ""
  return `${name.slice(0, limit - ending.length - 1)}…${ending}`.toWellFormed()
}

/** The same as a name that every file system takes: no path, no control or direction marks, no device. `fallback` where nothing is left. */
export function safeFileName(name: string, fallback: string): string {
  const plain = shortened(
    plainFileName(name.slice(0, 20_000).normalize("NFC").replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200d\u2028\u2029\ufeff]/g, "")).replace(/[/\\:*?"<>|]/g, "_").trim(),
    longest,
  )
  const shown = plain.replace(/^\.+/, "").replace(/[. ]+$/, "")
  return shown === "" ? fallback : reserved.test(shown) ? `_${shown}` : shown
}

/** Names in one folder: those that stand there already, in whatever case, get a number. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  const next = new Map<string, number>()
  return names.map((name) => {
    const key = name.toLowerCase()
    const dot = name.lastIndexOf(".")
    const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""]
    let free = name
    for (let n = next.get(key) ?? 2; taken.has(free.toLowerCase()); n++) {
      free = `${stem} (${n})${ending}`
      next.set(key, n + 1)
    }
    taken.add(free.toLowerCase())
    return free
  })
}
