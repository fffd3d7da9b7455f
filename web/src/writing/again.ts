import { archivedHtmlUrl } from "../api/archive.ts"
import { ApiError } from "../api/client.ts"
import { htmlUrl } from "../api/mail.ts"
import { htmlOfText } from "../editor/document-text.ts"
import { withOwnPictures } from "../editor/mail-html.ts"
import { formatMailbox } from "../webmail/reply.ts"
import { type Answerable, type Habits, ownAddress, partsOf } from "./answer.ts"
import { bringFiles, fetched, put, settings } from "./desk.ts"
import { emptyLetter, type Letter } from "./letter.ts"

/** Writes a mail once more, with the same people, text and files. */
export async function editAsNew(mail: Answerable): Promise<void> {
  const pictures: File[] = []
  const html = mail.html ? await ownHtml(mail, pictures) : undefined
  const open = await put(letterAgain(mail, await settings(), html))
  if (!open) return
  const added = open.files.add(pictures, true)
  added.forEach(({ cid }, at) => (open.letter.html = open.letter.html.replace(`again-${at}@lifeboat`, cid ?? "")))
  await bringFiles(open, mail)
  open.called.value++
}

/** Its pictures are put into `pictures`, and named by their place there: as the new mail's own they get names once it is open. */
async function ownHtml(mail: Answerable, pictures: File[]): Promise<string> {
  const url = new URL(mail.folder === "" ? archivedHtmlUrl(mail.id) : htmlUrl(mail), location.href)
  const response = await fetch(url)
  if (!response.ok) throw new ApiError("not-found", "", response.status)
  const take = (picture: File) => `again-${pictures.push(picture) - 1}@lifeboat`
  const names = new Set<string>()
  const html = await withPartPictures(await response.text(), url, async (address) => {
    const picture = await fetched(address, "picture", "").catch(() => undefined)
    if (!picture?.type.startsWith("image/")) return undefined
    const name = take(new File([picture], `picture.${/^image\/(\w+)/.exec(picture.type)?.[1] ?? "png"}`, { type: picture.type }))
    names.add(name)
    return name
  })
  return withOwnPictures(html, (cid) => (names.has(cid) ? cid : undefined), take)
}

/** A mail written once more: the same people, text (`html` where it has some) and files. */
export function letterAgain(mail: Answerable, habits: Habits, html: string | undefined): Letter {
  const { to, cc, bcc } = mail.recipients
  return {
    ...emptyLetter(html === undefined ? "plain" : "rich"),
    to: to.map(formatMailbox), cc: cc.map(formatMailbox), bcc: bcc.map(formatMailbox), subject: mail.subject,
    from: ownAddress(mail.sender.address, habits.identities),
    html: html ?? htmlOfText(mail.text), text: mail.text, files: partsOf(mail),
  }
}

/**
 * HTML of a mail as it is read, its pictures named `cid:…`: those that lie in the mail stand below its own page at
 * `url`, and `take` answers their Content-ID; undefined leaves one out.
 */
async function withPartPictures(html: string, url: URL, take: (address: string) => Promise<string | undefined>): Promise<string> {
  const page = new DOMParser().parseFromString(html, "text/html")
  const base = new URL(".", url)
  await Promise.all([...page.querySelectorAll("img")].map(async (picture) => {
    const source = picture.getAttribute("src") ?? ""
    if (source.startsWith("data:")) return
    const address = URL.canParse(source, url) ? new URL(source, url).href : ""
    const cid = address.startsWith(base.href) ? await take(address) : undefined
    if (cid === undefined) picture.removeAttribute("src")
    else picture.setAttribute("src", `cid:${cid}`)
  }))
  return page.body.innerHTML
}
