import { connect, type Socket } from "node:net"

/** An envelope and the bytes of a mail (any line ends; they become CRLF). */
export interface Letter {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
}

/** Gives a mail to the SMTP server on `port` as a stranger's server does. Returns the id under which it is kept; throws with the reply when it is refused. */
export async function post(port: number, letter: Letter): Promise<string> {
  const socket = connect(port, "127.0.0.1")
  socket.setTimeout(30_000, () => socket.destroy(new Error("The SMTP server does not answer.")))
  const next = replies(socket)
  const say = async (line: string, expected: string): Promise<string> => {
    socket.write(`${line}\r\n`)
    return expect(next, expected)
  }
  try {
    await expect(next, "220")
    await say("EHLO sender.example", "250")
    await say(`MAIL FROM:<${letter.from}> BODY=8BITMIME`, "250")
    for (const recipient of letter.to) await say(`RCPT TO:<${recipient}>`, "250")
    await say("DATA", "354")
    const accepted = await say(`${letter.raw.replace(/\r?\n/g, "\r\n").replace(/^\./gm, "..")}\r\n.`, "250")
    socket.write("QUIT\r\n")
    return /queued as (\S+)/.exec(accepted)?.[1] ?? ""
  } finally {
    socket.end()
  }
}

async function expect(next: () => Promise<string>, code: string): Promise<string> {
  const reply = await next()
  if (!reply.startsWith(code)) throw new Error(`The SMTP server answered ${reply}`)
  return reply
}

/** Whole replies, the last line of each, in order. */
function replies(socket: Socket): () => Promise<string> {
  let text = ""
  let failure: Error | undefined
  const ready: string[] = []
  const waiting: { resolve: (reply: string) => void; reject: (error: Error) => void }[] = []
  socket.setEncoding("utf8")
  socket.on("data", (chunk: string) => {
    const lines = (text + chunk).split("\r\n")
    text = lines.pop() ?? ""
    for (const line of lines.filter((each) => /^\d{3}(?: |$)/.test(each))) {
      const first = waiting.shift()
      if (first) first.resolve(line)
      else ready.push(line)
    }
  })
  const fail = (error: Error): void => {
    failure = error
    for (const each of waiting.splice(0)) each.reject(error)
  }
  socket.on("error", fail)
  socket.on("close", () => fail(new Error("The SMTP server closed the connection.")))
  return () => {
    const reply = ready.shift()
    if (reply !== undefined) return Promise.resolve(reply)
    if (failure) return Promise.reject(failure)
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }
}
