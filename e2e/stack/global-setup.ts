import { startInstallation } from "../../server/test/support/installation.ts"
import { findBrowser } from "./browser.ts"
import { startServerControl } from "./server-control.ts"
import { writeStack } from "./stack.ts"
import { startOutside } from "./outside.ts"

/** Starts one installation with the sample company, and an outside web server that nobody may ask, for the whole run. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  await findBrowser()
  const outside = await startOutside()
  const outlookUrl = outside.url.replace("127.0.0.1", "localhost")
  const installation = await startInstallation({ LIFEBOAT_TIMING: "20", LIFEBOAT_PICTURE_NETWORKS: "127.0.0.1/32", LIFEBOAT_OUTLOOK_WEB: outlookUrl }, "demo")
  const control = await startServerControl(installation)
  writeStack({ url: `http://127.0.0.1:${installation.ports.http}`, smtpPort: installation.ports.smtp, outsideUrl: outside.url, outlookUrl, controlUrl: control.url })
  return async () => {
    await control.stop()
    await installation.stop()
    await outside.stop()
  }
}
