import { BlockList, isIP } from "node:net"
import type { DnsPurpose, DnsRecord, DnsResult } from "@lifeboat/shared/schemas/domain"
import { dkimRecord } from "../../delivery/dkim-keys.ts"
import type { DkimKeyDocument } from "../../store/documents.ts"

/** A record that a domain should have. `value` is as a zone file has it. */
export interface WantedRecord extends Pick<DnsRecord, "type" | "name" | "value"> {
  readonly purpose: DnsPurpose
}

/** Facts that the wanted records follow from. */
export interface DnsFacts {
  readonly domain: string
  /** This installation's name. */
  readonly hostname: string
  readonly key: DkimKeyDocument | undefined
  readonly ports: { readonly imaps: number; readonly imap: number; readonly pop3s: number; readonly submission: number; readonly submissions: number }
}

/** The records to set: mail comes here first, what goes out from here is believed, clients find their servers (RFC 6186, RFC 8314). */
export function wantedRecords({ domain, hostname, key, ports }: DnsFacts): WantedRecord[] {
  const srv = (purpose: DnsPurpose, service: string, port: number): WantedRecord => ({ purpose, type: "SRV", name: `_${service}._tcp.${domain}`, value: `0 1 ${port} ${hostname}.` })
  return [
    { purpose: "mx", type: "MX", name: domain, value: `10 ${hostname}.` },
    { purpose: "spf", type: "TXT", name: domain, value: `v=spf1 mx a:${hostname} ~all` },
    ...(key ? [{ purpose: "dkim", type: "TXT", name: key._id, value: dkimRecord(key) } as const] : []),
    { purpose: "dmarc", type: "TXT", name: `_dmarc.${domain}`, value: `v=DMARC1; p=none; rua=mailto:postmaster@${domain}` },
    { purpose: "autoconfig", type: "CNAME", name: `autoconfig.${domain}`, value: `${hostname}.` },
    { purpose: "autodiscover", type: "CNAME", name: `autodiscover.${domain}`, value: `${hostname}.` },
    srv("autodiscover", "autodiscover", 443),
    srv("imap", "imaps", ports.imaps),
    srv("imap", "imap", ports.imap),
    srv("pop3", "pop3s", ports.pop3s),
    srv("submission", "submissions", ports.submissions),
    srv("submission", "submission", ports.submission),
  ]
}

/** Whether what the name service has does what a record is wanted for. `addresses`: those of this installation's name. */
export function judgeRecord(wanted: WantedRecord, found: readonly string[], addresses: readonly string[]): DnsResult {
  const texts = found.map((text) => text.trim())
  if (wanted.type === "TXT") {
    const [tag = ""] = /^v=\w+/.exec(wanted.value) ?? []
    const same = texts.filter((text) => text.toLowerCase().startsWith(tag.toLowerCase()))
    if (wanted.purpose === "dkim") return verdict(texts, (text) => tagOf(text, "p") === tagOf(wanted.value, "p"))
    if (wanted.purpose === "spf") return verdict(same, (text) => same.length === 1 && spfAllows(text, wanted, addresses))
    return verdict(same, () => same.length === 1)
  }
  return verdict(texts, (text) => lastWord(text) === lastWord(wanted.value) && (wanted.type !== "SRV" || text.split(" ")[2] === wanted.value.split(" ")[2]))
}

function verdict(found: readonly string[], fits: (text: string) => boolean): DnsResult {
  if (found.length === 0) return "missing"
  return found.some(fits) ? "found" : "different"
}

function lastWord(text: string): string {
  return (text.split(" ").at(-1) ?? "").replace(/\.$/, "").toLowerCase()
}

/** The value of a tag of a DKIM record, without the blanks it may hold. */
function tagOf(record: string, tag: string): string | undefined {
  const part = record.split(";").map((each) => each.trim()).find((each) => each.startsWith(`${tag}=`))
  return part?.slice(tag.length + 1).replace(/\s+/g, "")
}

/** Whether an SPF record (RFC 7208) names this installation itself: by `a`, `include` or an address. */
function spfAllows(record: string, wanted: WantedRecord, addresses: readonly string[]): boolean {
  const hostname = /\ba:(\S+)/.exec(wanted.value)?.[1] ?? ""
  return record.toLowerCase().split(/\s+/).some((term) => {
    const [, mechanism = "", value = ""] = /^\+?(a|include|ip4|ip6):(.+)$/.exec(term) ?? []
    if (mechanism === "a" || mechanism === "include") return value.replace(/\.$/, "") === hostname
    return mechanism !== "" && addresses.some((address) => inRange(address, value))
  })
}

function inRange(address: string, range: string): boolean {
  const [net = "", length] = range.split("/")
  const version = isIP(net)
  if (version === 0 || isIP(address) !== version) return false
  const bits = length === undefined ? (version === 4 ? 32 : 128) : Number(length)
  if (!Number.isInteger(bits) || bits < 0 || bits > (version === 4 ? 32 : 128)) return false
  const list = new BlockList()
  const family = version === 4 ? "ipv4" : "ipv6"
  list.addSubnet(net, bits, family)
  return list.check(address, family)
}
