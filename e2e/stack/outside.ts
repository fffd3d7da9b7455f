import { createServer } from "node:http"

/** A picture of one pixel (GIF89a). */
const dot = "R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="

/**
 * A web server on another origin. It answers `/asked` with the paths that were asked for so far, a JSON list, and takes
 * note of everything else; `/picture.gif` is a picture. `/owa/?<address>` is a page that shows the address in a frame, as Outlook on the web does.
 */
export async function startOutside(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ""
    if (path === "/asked") return void response.setHeader("content-type", "application/json").end(JSON.stringify(asked))
    const framed = /^\/owa\/\?(http.+)$/.exec(path)?.[1]
    if (framed !== undefined) return void response.setHeader("content-type", "text/html").end(`<iframe src="${decodeURIComponent(framed)}" width="360" height="700"></iframe>`)
    asked.push(path)
    if (path === "/picture.gif") return void response.setHeader("content-type", "image/gif").end(Buffer.from(dot, "base64"))
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
