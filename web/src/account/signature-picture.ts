/** Largest picture of a signature, bytes: it goes along with every mail. */
export const mostBytes = 40_000
/** What a logo needs, CSS pixels. */
const room = { width: 600, height: 200 } as const

/** How much smaller a picture of a size becomes so that it fits into a signature; never larger than it is. */
export const fitting = (width: number, height: number): number => Math.min(1, room.width / width, room.height / height)

/**
 * A picture as a signature holds it, a `data:` address that every mail program can show: made smaller where it is too
 * large. Undefined where it is no picture, or cannot be made small enough.
 */
export async function signaturePicture(file: Blob): Promise<string | undefined> {
  const bitmap = await createImageBitmap(file).catch(() => undefined)
  if (!bitmap) return undefined
  try {
    const { width, height } = bitmap
    const whole = fitting(width, height)
    if (whole === 1 && file.size <= mostBytes && /^image\/(?:png|jpeg|gif)$/.test(file.type)) return await addressOf(file)
    for (const smaller of [1, 0.75, 0.5, 0.33]) {
      for (const type of ["image/png", "image/jpeg"] as const) {
        const drawn = await draw(bitmap, Math.max(1, Math.round(width * whole * smaller)), Math.max(1, Math.round(height * whole * smaller)), type)
        if (drawn && drawn.size <= mostBytes) return await addressOf(drawn)
      }
    }
    return undefined
  } finally {
    bitmap.close()
  }
}

async function draw(bitmap: ImageBitmap, width: number, height: number, type: "image/png" | "image/jpeg"): Promise<Blob | null> {
  const canvas = Object.assign(document.createElement("canvas"), { width, height })
  const context = canvas.getContext("2d")
  if (!context) return null
  // JPEG knows no transparency: without paper it would be black.
  if (type === "image/jpeg") {
    context.fillStyle = "#fff"
    context.fillRect(0, 0, width, height)
  }
  context.drawImage(bitmap, 0, 0, width, height)
  return new Promise((resolve) => canvas.toBlob(resolve, type, 0.85))
}

function addressOf(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.addEventListener("load", () => resolve(String(reader.result)))
    reader.addEventListener("error", () => reject(reader.error ?? new Error("unreadable")))
    reader.readAsDataURL(blob)
  })
}
