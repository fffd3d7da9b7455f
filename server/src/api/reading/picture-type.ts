/** The type of a raster picture by its first bytes, whatever its server says; undefined for everything else, SVG too. Twelve bytes are enough. */
export function pictureType(bytes: Buffer): string | undefined {
  const text = bytes.toString("latin1", 0, 16)
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png"
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg"
  if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) return "image/gif"
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "image/webp"
  if (text.slice(4, 8) === "ftyp" && /^avi[fs]/.test(text.slice(8, 12))) return "image/avif"
  return undefined
}
