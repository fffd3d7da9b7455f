import { createServer } from "node:http"

/**
 * A web server on another origin. It answers `/asked` with the paths that were asked for so far, a JSON list, and takes
 * note of everything else.
 */
export async function startOutside(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ""
    if (path === "/asked") return void response.setHeader("content-type", "application/json").end(JSON.stringify(asked))
    asked.push(path)
    response.setHeader("access-control-allow-origin", "*").setHeader("content-type", "text/html").end("<p>outside</p>")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (typeof address !== "object" || address === null) throw new Error("The outside server has no port.")
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
