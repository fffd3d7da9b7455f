import { createSocket } from "node:dgram"
import { once } from "node:events"

/** What the name server knows of a name. Without an entry: the name does not exist. */
export interface Zone {
  readonly mx?: readonly { readonly priority: number; readonly exchange: string }[]
  readonly a?: readonly string[]
  readonly txt?: readonly string[]
  readonly cname?: string
  readonly srv?: readonly { readonly port: number; readonly target: string }[]
  /** Questions about it are never answered. */
  readonly silent?: boolean
  /** Every question about it ends in SERVFAIL. */
  readonly broken?: boolean
}

const types = { a: 1, cname: 5, mx: 15, txt: 16, srv: 33 } as const

/** A DNS server (RFC 1035, UDP) on loopback for the types above; `server` is `address:port` for a resolver. */
export async function startNameServer(zones: Readonly<Record<string, Zone>>): Promise<{ server: string; stop: () => Promise<void> }> {
  const socket = createSocket("udp4")
  socket.on("message", (query, from) => {
    const name: string[] = []
    let at = 12
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      name.push(query.toString("latin1", at + 1, at + 1 + length))
      at += length + 1
    }
    const end = at + 5
    const type = query.readUInt16BE(at + 1)
    const zone = new Map(Object.entries(zones)).get(name.join(".").toLowerCase())
    if (zone?.silent) return
    const answers = zone && !zone.broken ? records(zone, type) : []
    const header = Buffer.alloc(12)
    header.writeUInt16BE(query.readUInt16BE(0), 0)
    header.writeUInt16BE(0x8580 | (zone ? (zone.broken ? 2 : 0) : 3), 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(answers.length, 6)
    socket.send(Buffer.concat([header, query.subarray(12, end), ...answers]), from.port, from.address)
  })
  socket.bind(0, "127.0.0.1")
  await once(socket, "listening")
  return {
    server: `127.0.0.1:${socket.address().port}`,
    async stop() {
      socket.close()
      await once(socket, "close")
    },
  }
}

function records(zone: Zone, type: number): Buffer[] {
  if (type === types.a) return (zone.a ?? []).map((address) => record(type, Buffer.from(address.split(".").map(Number))))
  if (type === types.txt) return (zone.txt ?? []).map((text) => record(type, Buffer.concat((text.match(/.{1,255}/gs) ?? [""]).map(counted))))
  if (type === types.cname) return zone.cname === undefined ? [] : [record(type, encoded(zone.cname))]
  if (type === types.srv) return (zone.srv ?? []).map(({ port, target }) => record(type, Buffer.concat([numbers(0, 1, port), encoded(target)])))
  if (type === types.mx) return (zone.mx ?? []).map(({ priority, exchange }) => record(type, Buffer.concat([numbers(priority), encoded(exchange)])))
  return []
}

function numbers(...values: readonly number[]): Buffer {
  const data = Buffer.alloc(2 * values.length)
  values.forEach((value, index) => data.writeUInt16BE(value, 2 * index))
  return data
}

function counted(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, "latin1")])
}

function encoded(name: string): Buffer {
  return Buffer.concat([...(name === "" ? [] : name.split(".").map(counted)), Buffer.alloc(1)])
}

function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12)
  // A pointer to the name in the question.
  head.writeUInt16BE(0xc00c, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(60, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}
