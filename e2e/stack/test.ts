import { test as base, expect, type Page } from "@playwright/test"
import { Company, operator, operatorPassword, password } from "./company.ts"
import { readStack, type Stack } from "./stack.ts"

interface Fixtures {
  company: Company
  /** Every request of every page of this test that went elsewhere than to the installation. */
  foreignRequests: readonly string[]
  /** Signs the browser in without the sign-in page. */
  signedIn: (address: string) => Promise<Page>
}

/** The test of these specs: every one fails when a page asks another host for anything or throws an error nobody caught. */
export const test = base.extend<Fixtures, { stack: Stack }>({
  stack: [async ({}, use) => use(readStack()), { scope: "worker" }],
  baseURL: async ({ stack }, use) => use(stack.url),
  company: async ({ stack }, use) => use(new Company(stack)),
  foreignRequests: [
    async ({ context, stack }, use) => {
      const foreign: string[] = []
      const errors: string[] = []
      const here = new URL(stack.url).origin
      context.on("request", (request) => {
        const url = request.url()
        if (!/^(?:data|blob|about):/.test(url) && new URL(url).origin !== here) foreign.push(url)
      })
      context.on("weberror", (error) => errors.push(error.error().stack ?? error.error().message))
      context.on("console", (message) => {
        // The browser itself notes every answer that is an error; the page deals with those.
        if (message.type() === "error" && !/^Failed to load resource/.test(message.text())) errors.push(message.text())
      })
      await use(foreign)
      expect(foreign, "requests to other hosts").toEqual([])
      expect(errors, "errors in the page").toEqual([])
    },
    { auto: true },
  ],
  signedIn: async ({ context, page, baseURL }, use) => {
    await use(async (address) => {
      const answer = await context.request.post(`${baseURL}/api/session`, { data: { address, password: address === operator ? operatorPassword : password } })
      expect(answer.status()).toBe(200)
      return page
    })
  },
})

export { expect } from "@playwright/test"
