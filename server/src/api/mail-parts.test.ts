import fastify from "fastify"
import { expect, it } from "vitest"
import { attachmentHeaders } from "./mail-parts.ts"

async function headersOf(name: string, type = "text/html"): Promise<Record<string, unknown>> {
  const server = fastify()
  server.get("/", (_, reply) => attachmentHeaders(reply, name, type, true).send("x"))
  const { headers } = await server.inject({ url: "/" })
  await server.close()
  return headers
}

it.each([
  ["Bericht ü.pdf", `filename="Bericht _.pdf"; filename*=UTF-8''Bericht%20%C3%BC.pdf`], ["../../../etc/passwd", `filename="_.._.._etc_passwd"; filename*=UTF-8''_.._.._etc_passwd`], ["..\\x.exe", `filename="_x.exe"; filename*=UTF-8''_x.exe`],
  ['a"\r\nX-Evil: 1\0.vbs', `filename="a_X-Evil_ 1.vbs"; filename*=UTF-8''a_X-Evil_%201.vbs`], ["\u202egpj.exe", `filename="gpj.exe"; filename*=UTF-8''gpj.exe`], ["nul.txt", `filename="_nul.txt"; filename*=UTF-8''_nul.txt`], ["", `filename="attachment"; filename*=UTF-8''attachment`],
])("the name %j leads nowhere and breaks nothing", async (name, said) => {
  expect((await headersOf(name))["content-disposition"]).toBe(`attachment; ${said}`)
})

it("only a picture is shown; nothing is run, guessed, or kept for another person", async () => {
  expect(await headersOf("a.svg", "image/svg+xml")).toMatchObject({ "content-disposition": expect.stringMatching(/^attachment/) as string, "content-security-policy": "default-src 'none'; sandbox", "x-content-type-options": "nosniff", vary: "cookie" })
  expect(await headersOf("a.png", "image/png")).toMatchObject({ "content-disposition": expect.stringMatching(/^inline/) as string })
  expect(await headersOf("a", "foo/bar<script>")).toMatchObject({ "content-type": "application/octet-stream" })
})
