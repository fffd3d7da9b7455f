/**
 * Calls back once, when this process is to stop: on SIGINT or SIGTERM, however often they come (from the start script, the
 * process group, or both), and when whoever started us over a channel is gone.
 */
export function onStopRequested(callback: (reason: string) => void): void {
  let asked = false
  const ask = (reason: string) => {
    if (asked) return
    asked = true
    callback(reason)
  }
  process.on("SIGINT", () => ask("SIGINT"))
  process.on("SIGTERM", () => ask("SIGTERM"))
  process.on("disconnect", () => ask("the start script is gone"))
  process.channel?.unref()
}
