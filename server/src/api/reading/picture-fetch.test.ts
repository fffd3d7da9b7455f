import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { BlockList } from "node:net"
import { afterAll, beforeAll, expect, it } from "vitest"
import { fetchPicture } from "./picture-fetch.ts"
import { pictureType } from "./picture-type.ts"

const gif = Buffer.from("R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==", "base64")
const loopback = new BlockList()
loopback.addAddress("127.0.0.1")
const nobody = new BlockList()
const limits = { bytes: 10_000, totalMs: 1_500, redirects: 3 }

let server: Server
let base = ""
let asked: IncomingMessage[] = []
const answers: Record<string, (response: ServerResponse) => void> = {
  "/gif": (response) => response.setHeader("content-type", "text/html").end(gif),
  "/svg": (response) => response.setHeader("content-type", "image/png").end("<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>"),
  "/html": (response) => response.setHeader("content-type", "image/gif").end("<script>alert(1)</script>"),
  "/short": (response) => response.end("GI"),
  "/large": (response) => response.end(Buffer.concat([gif, Buffer.alloc(20_000)])),
  "/endless": (response) => {
    response.write(gif)
    const timer = setInterval(() => response.write(Buffer.alloc(100)), 5)
    response.on("close", () => clearInterval(timer))
  },
  "/slow": (response) => void response.write(gif),
  "/once": (response) => response.writeHead(302, { location: "/gif", "set-cookie": "a=b" }).end(),
  "/loop": (response) => response.writeHead(302, { location: "/loop" }).end(),
  "/inside": (response) => response.writeHead(302, { location: "http://127.0.0.2:1/gif" }).end(),
  "/name": (response) => response.writeHead(302, { location: "http://localhost:1/gif" }).end(),
  "/file": (response) => response.writeHead(302, { location: "file:///etc/passwd" }).end(),
  "/gone": (response) => response.writeHead(404).end(gif),
}

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request)
    answers[request.url ?? ""]?.(response)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  base = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

it("is what its bytes are, and tells nothing about the reader", async () => {
  asked = []
  expect(await fetchPicture(`${base}/once`, loopback, limits)).toEqual({ type: "image/gif", bytes: gif })
  expect(asked).toHaveLength(2)
  for (const { headers } of asked) expect(Object.keys(headers).toSorted()).toEqual(["accept", "accept-encoding", "connection", "host", "user-agent"])
})

it.each(["/svg", "/html", "/short", "/large", "/endless", "/slow", "/loop", "/inside", "/name", "/file", "/gone"])("%s is no picture", async (path) => {
  await expect(fetchPicture(base + path, loopback, limits)).rejects.toThrow(/./)
})

it("connects nowhere private: neither by address nor by name", async () => {
  asked = []
  const { port } = new URL(base)
  for (const url of [`${base}/gif`, `http://localhost:${port}/gif`, `http://127.1:${port}/gif`, `http://0x7f000001:${port}/gif`, `http://2130706433:${port}/gif`, `http://[::ffff:127.0.0.1]:${port}/gif`, `http://[::1]:${port}/gif`, `http://0.0.0.0:${port}/gif`, "ftp://e.example/x", "data:image/gif;base64,AA", `http://a:b@127.0.0.1:${port}/gif`, "nonsense"]) {
    await expect((async () => fetchPicture(url, nobody, limits))()).rejects.toThrow(/private|address|password|ENOTFOUND|EAI_AGAIN|leads nowhere/)
  }
  expect(asked).toEqual([])
})

it("knows raster pictures only", () => {
  expect(pictureType(Buffer.from("\x89PNG\r\n\x1a\n____", "latin1"))).toBe("image/png")
  expect(pictureType(Buffer.from("RIFF____WEBPVP8 ", "latin1"))).toBe("image/webp")
  for (const text of ["<svg", "<?xml ", "%PDF-1.7", "BM______", "II*\0____", "\0\0\x01\0__", "RIFF____WAVE", ""]) expect(pictureType(Buffer.from(text, "latin1"))).toBeUndefined()
})
