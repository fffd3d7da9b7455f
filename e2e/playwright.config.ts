import { defineConfig } from "@playwright/test"
import { findBrowser } from "./stack/browser.ts"

const { executablePath, env, args } = await findBrowser()
/** A browser that asks nobody anything on its own. */
const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic", "--disable-domain-reliability"]

export default defineConfig({
  testDir: "specs",
  outputDir: "results",
  globalSetup: "./stack/global-setup.ts",
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: "line",
  use: {
    locale: "de-DE",
    timezoneId: "Europe/Berlin",
    actionTimeout: 15_000,
    screenshot: "only-on-failure",
    serviceWorkers: "block",
    launchOptions: { executablePath, env, args: [...args, ...quiet] },
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1280, height: 800 } }, testIgnore: /phone\.spec\.ts/ },
    { name: "phone", use: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }, testMatch: /(?:accessibility|sign-in|phone)\.spec\.ts/, grepInvert: /@desktop/ },
  ],
})
