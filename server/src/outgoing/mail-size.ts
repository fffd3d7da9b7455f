/** What head, text and structure of a mail may take beside its files, bytes. */
const besideFiles = 262_144

/** Bytes of files that fit into a mail of `messageBytes`: base64 puts 57 of them on a line of 78 (RFC 2045 §6.8). */
export function attachmentRoom(messageBytes: number): number {
  return Math.max(0, Math.floor(((messageBytes - besideFiles) * 57) / 78))
}
