import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { constants } from "node:os"

/** Something a person can put right: its message is printed alone. */
export class Problem extends Error {}

/** Children that run now; a request to stop is handed to each of them once. */
const running = new Set()
let stopping

const killAfter = 60_000

function requestStop(signal) {
  if (stopping) return
  stopping = signal
  for (const child of running) child.kill(signal)
  if (running.size === 0) process.exit(exitStatus(null, signal))
  setTimeout(() => running.forEach((child) => child.kill("SIGKILL")), killAfter).unref()
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => requestStop(signal === "SIGHUP" ? "SIGTERM" : signal))

function exitStatus(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0)
}

/**
 * Runs a program in the foreground and answers its exit status. With `ipc` it has a channel to us, by which it notices
 * when we are killed.
 */
export function runToEnd(command, args, { env = process.env, cwd, ipc = false, stdio = "inherit" } = {}) {
  return new Promise((resolve, reject) => {
    if (stopping) {
      resolve(exitStatus(null, stopping))
      return
    }
    const child = spawn(command, args, { env, cwd, stdio: ipc ? [stdio, stdio, stdio, "ipc"] : stdio })
    running.add(child)
    child.once("error", (error) => {
      running.delete(child)
      reject(error)
    })
    child.once("exit", (code, signal) => {
      running.delete(child)
      resolve(exitStatus(code, signal))
    })
  })
}

/** Whether somebody has asked us to stop. */
export function stopRequested() {
  return stopping !== undefined
}

/**
 * npm hands signals on, but when npm itself (or the shell between) is killed nobody tells us. So we look now and then
 * whether they are still there.
 */
export function watchParents() {
  if (!process.env.npm_lifecycle_event) return
  const chain = parentsUpToNpm()
  const timer = setInterval(() => {
    if (chain.some(([pid, parent]) => parentOf(pid) !== parent)) requestStop("SIGTERM")
  }, 500)
  timer.unref()
}

function parentsUpToNpm() {
  const chain = [[process.pid, process.ppid]]
  for (let pid = process.ppid, level = 0; level < 4 && pid > 1; level++) {
    if (commandLine(pid).startsWith("npm")) return chain
    const parent = parentOf(pid)
    if (parent === undefined) break
    chain.push([pid, parent])
    pid = parent
  }
  return chain.slice(0, 1)
}

function parentOf(pid) {
  if (pid === process.pid) return process.ppid
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1")
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])
  } catch {
    return undefined
  }
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1")
  } catch {
    return ""
  }
}
