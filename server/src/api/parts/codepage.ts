import { TextDecoder } from "node:util"

/** Names of Windows codepages that are not `windows-<number>`. */
const labels: Readonly<Record<number, string>> = {
  932: "shift_jis", 936: "gbk", 949: "euc-kr", 950: "big5", 10000: "macintosh", 20127: "windows-1252", 20866: "koi8-r", 28591: "iso-8859-1", 28592: "iso-8859-2", 28605: "iso-8859-15", 50220: "iso-2022-jp", 65001: "utf-8",
}

/** A decoder for a codepage by its number; windows-1252 for one that nobody knows. */
export function codepageDecoder(codepage: number): TextDecoder {
  try {
    return new TextDecoder(labels[codepage] ?? `windows-${codepage}`)
  } catch {
    return new TextDecoder("windows-1252")
  }
}
