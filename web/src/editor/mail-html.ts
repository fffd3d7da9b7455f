import type { PictureAddress } from "./nodes.ts"

/** What the mail says about its looks itself: without it, recipients would read it in their program's oldest face. */
const look = "font-family: Aptos, Calibri, Arial, Helvetica, sans-serif; font-size: 11pt"
const styles: readonly (readonly [selector: string, style: string])[] = [
  ["p", "margin: 0"],
  ["ul, ol", "margin: 0 0 0 24px; padding: 0"],
  ["blockquote", "margin: 0 0 0 4px; border-left: 2px solid #c5ced6; padding-left: 10px"],
  ["table", "border-collapse: collapse"],
  ["td, th", "border: 1px solid #b8c2cb; padding: 2px 6px; vertical-align: top"],
]

/** A document in which nothing is loaded and nothing runs. */
const inert = () => document.implementation.createHTMLDocument("")

/**
 * Makes what the editor wrote a mail's HTML: styles in place, as mail programs need them, pictures named `cid:…`.
 * `fill` writes into an inert document.
 */
export function toMail(fill: (target: Document) => Node): string {
  const page = inert()
  const root = page.createElement("div")
  root.style.cssText = look
  root.append(fill(page))
  for (const [selector, style] of styles) for (const element of root.querySelectorAll<HTMLElement>(selector)) element.style.cssText = `${style}; ${element.style.cssText}`.replace(/; $/, "")
  for (const paragraph of root.querySelectorAll("p:empty")) paragraph.append(page.createElement("br"))
  for (const picture of root.querySelectorAll("img[data-cid]")) {
    picture.setAttribute("src", `cid:${picture.getAttribute("data-cid")}`)
    picture.removeAttribute("data-cid")
  }
  for (const colgroup of root.querySelectorAll("colgroup")) colgroup.remove()
  return root.outerHTML
}

/** Content-IDs of the pictures in a mail's HTML. */
export function picturesIn(html: string): Set<string> {
  return new Set([...html.matchAll(/\bsrc="cid:([\w.@-]+)"/g)].map(([, cid]) => cid ?? ""))
}

/**
 * Pasted HTML without pictures from elsewhere, which would be loaded; those it brings along itself (`data:`) are handed
 * to `take`, which answers their Content-ID.
 */
export function withOwnPictures(html: string, known: PictureAddress, take: (picture: File) => string): string {
  const page = new DOMParser().parseFromString(html, "text/html")
  for (const picture of page.querySelectorAll("img")) {
    const cid = picture.getAttribute("data-cid") ?? (picture.getAttribute("src") ?? "").replace(/^cid:/i, "")
    if (known(cid) !== undefined) continue
    const file = fileOf(picture.getAttribute("src") ?? "")
    if (file) {
      picture.setAttribute("data-cid", take(file))
      picture.removeAttribute("src")
    } else picture.remove()
  }
  return page.body.innerHTML
}

function fileOf(address: string): File | undefined {
  const match = /^data:(image\/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=\s]+)$/i.exec(address)
  if (!match) return undefined
  const [, type = "", data = ""] = match
  try {
    const bytes = Uint8Array.from(atob(data.replace(/\s/g, "")), (character) => character.charCodeAt(0))
    return new File([bytes], `picture.${type.slice("image/".length)}`, { type })
  } catch {
    return undefined
  }
}
