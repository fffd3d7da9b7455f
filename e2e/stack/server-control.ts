import { createServer } from "node:http"
import type { Installation } from "../../server/test/support/installation.ts"

/** How a test ends the server: as an administrator does, or as a power cut does. */
export type Ending = "stop" | "kill"

/**
 * Lets the tests, which run in other processes, end and start the server: `POST /stop`, `/kill` and `/start` are answered
 * when it is done. Only on this machine's own address.
 */
export async function startServerControl(installation: Installation): Promise<{ readonly url: string; stop(): Promise<void> }> {
  let running = true
  const actions: Readonly<Record<string, () => Promise<void>>> = {
    "/stop": async () => {
      await installation.stop(true)
      running = false
    },
    "/kill": async () => {
      const { pid } = installation
      process.kill(pid, "SIGKILL")
      while (isThere(pid)) await new Promise((resolve) => setTimeout(resolve, 20))
      running = false
    },
    "/start": async () => {
      if (!running) await installation.restart()
      running = true
    },
  }
  const server = createServer((request, response) => {
    const action = request.method === "POST" ? actions[request.url ?? ""] : undefined
    if (!action) return void response.writeHead(404).end()
    void action().then(() => response.writeHead(204).end(), (error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (typeof address !== "object" || address === null) throw new Error("The server's control has no port.")
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
