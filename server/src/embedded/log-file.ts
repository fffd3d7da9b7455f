import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs"
import { dirname } from "node:path"

/** A log of a part on disk that never outgrows `maxBytes` × (`keep` + 1): `name.log`, `name.log.1`, … */
export interface LogFile {
  write(chunk: Uint8Array): void
  /** The last lines written since the start, for an error message (at most 16 KiB). */
  tail(): string
  close(): void
}

const tailBytes = 16_384

/** Opens the log for appending. A full or broken disk loses log lines, never the part. */
export function openLogFile(path: string, maxBytes = 10_485_760, keep = 3): LogFile {
  mkdirSync(dirname(path), { recursive: true })
  let fd = openSync(path, "a")
  let size = fstatSync(fd).size
  let recent = Buffer.alloc(0)
  let closed = false

  function rotate(): void {
    closeSync(fd)
    rmSync(`${path}.${keep}`, { force: true })
    for (let n = keep - 1; n >= 1; n--) rename(`${path}.${n}`, `${path}.${n + 1}`)
    rename(path, `${path}.1`)
    fd = openSync(path, "a")
    size = 0
  }

  return {
    write(chunk) {
      if (closed) return
      recent = Buffer.concat([recent, chunk]).subarray(-tailBytes)
      try {
        if (size + chunk.length > maxBytes && size > 0) rotate()
        size += writeSync(fd, chunk)
      } catch {
        size = 0
      }
    },
    tail: () => recent.toString("utf8"),
    close() {
      if (closed) return
      closed = true
      closeSync(fd)
    },
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch {
    // The older file is not there yet.
  }
}
