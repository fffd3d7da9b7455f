import type { Page } from "@playwright/test"

/** As the reading view makes them. */
export const frameSandbox = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"

/**
 * Opens addresses in frames as the reading view does, all at once, and says what in them could run, load, send, cover or
 * lead astray: `<address>: <what>`. The page around them must be one of ours. The frames are removed again.
 */
export async function inspectFrames(page: Page, urls: readonly string[], patienceMs = 100): Promise<string[]> {
  return page.evaluate(inspect, { urls: [...urls], sandbox: frameSandbox, patienceMs, only: false })
}

/** Opens them the same way and looks at nothing: what is in there may be anything. */
export async function openFrames(page: Page, urls: readonly string[], patienceMs = 250): Promise<void> {
  await page.evaluate(inspect, { urls: [...urls], sandbox: frameSandbox, patienceMs, only: true })
}

/** The same for the frame that is shown now. */
export async function inspectShown(page: Page, selector: string): Promise<string[]> {
  return page.evaluate(inspect, { urls: [], sandbox: selector, patienceMs: 0, only: false })
}

async function inspect({ urls, sandbox, patienceMs, only }: { urls: string[]; sandbox: string; patienceMs: number; only: boolean }): Promise<string[]> {
  const harmless = new Set("html head meta title style body a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr".split(" "))
  const attributes = new Set("align valign bgcolor color width height border cellpadding cellspacing colspan rowspan dir lang title style face size start type nowrap class id href target rel name src alt charset content open".split(" "))
  const look = (frame: HTMLIFrameElement, url: string): string[] => {
    const page = frame.contentDocument
    if (!page) return [`${url}: it cannot be looked at`]
    if (page.contentType !== "text/html") return [`${url}: ${page.contentType}`]
    const found: string[] = []
    for (const element of page.querySelectorAll("*")) {
      const tag = element.localName
      if (!harmless.has(tag) || element.namespaceURI !== "http://www.w3.org/1999/xhtml") found.push(`<${tag}>`)
      if (tag === "meta" && element.hasAttribute("http-equiv")) found.push("<meta http-equiv>")
      for (const { name, value } of element.attributes) {
        if (!attributes.has(name)) found.push(`${tag} ${name}`)
        if (name === "href" && !/^(?:https?|mailto|tel):/.test((element as HTMLAnchorElement).protocol)) found.push(`href ${value}`)
        if (name === "src" && !/^(?:attachments\/|data:image\/(?:png|gif|jpe?g|webp);base64,|\/api\/mail\/picture\?)/.test(value)) found.push(`src ${value}`)
        if (name === "target" && value !== "_blank") found.push(`target ${value}`)
      }
      const style = page.defaultView?.getComputedStyle(element)
      if (style && /fixed|sticky|absolute/.test(style.position)) found.push(`position ${style.position}`)
      if (style && /url\(/.test(`${style.backgroundImage}${style.listStyleImage}${style.cursor}${style.content}${style.filter}${style.maskImage}${style.borderImageSource}`)) found.push(`${tag} loads a picture`)
    }
    for (const sheet of page.styleSheets) {
      if (sheet.href !== null) found.push(`style sheet ${sheet.href}`)
      else for (const rule of sheet.cssRules) if (/url\(|@import|@font-face|position|var\(/i.test(rule.cssText)) found.push(rule.cssText.slice(0, 200))
    }
    return found.map((what) => `${url}: ${what}`)
  }
  if (urls.length === 0) {
    const shown = document.querySelector<HTMLIFrameElement>(sandbox)
    return shown ? look(shown, "shown") : ["there is no frame"]
  }
  const frames = await Promise.all(urls.map((url) => new Promise<HTMLIFrameElement>((resolve) => {
    const frame = document.createElement("iframe")
    frame.setAttribute("sandbox", sandbox)
    frame.referrerPolicy = "no-referrer"
    frame.onload = () => resolve(frame)
    frame.src = url
    Object.assign(frame.style, { position: "absolute", top: "0", width: "300px", height: "200px" })
    document.body.append(frame)
  })))
  await new Promise((resolve) => setTimeout(resolve, patienceMs))
  const found = only ? [] : frames.flatMap((frame, index) => look(frame, urls[index] ?? ""))
  for (const frame of frames) frame.remove()
  return found
}
