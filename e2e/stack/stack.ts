/** Where the installation of this run is; written once, read by every worker. */
export interface Stack {
  readonly url: string
  readonly smtpPort: number
  /** A web server on this machine that stands for the rest of the internet. */
  readonly outsideUrl: string
  /** The same server under the name that stands for the company's own Outlook on the web: another site for browsers. */
  readonly outlookUrl: string
  /** Where the server itself is ended and started, see `server-control.ts`. */
  readonly controlUrl: string
}

const variable = "LIFEBOAT_E2E_STACK"

export function writeStack(stack: Stack): void {
  process.env[variable] = JSON.stringify(stack)
}

export function readStack(): Stack {
  const value: unknown = JSON.parse(process.env[variable] ?? "null")
  if (typeof value === "object" && value !== null && "url" in value && "smtpPort" in value && "outsideUrl" in value && "outlookUrl" in value && "controlUrl" in value) {
    return { url: String(value.url), smtpPort: Number(value.smtpPort), outsideUrl: String(value.outsideUrl), outlookUrl: String(value.outlookUrl), controlUrl: String(value.controlUrl) }
  }
  throw new Error("The installation of this run is not known: tests start by e2e/playwright.config.ts.")
}
