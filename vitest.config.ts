import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { name: "shared", include: ["shared/src/**/*.test.ts"] } },
      { test: { name: "web", include: ["web/{src,build}/**/*.test.ts"] } },
      {
        test: {
          name: "server",
          include: ["server/src/**/*.test.ts", "server/test/guard/**/*.test.ts", "server/bootstrap/**/*.test.ts"],
          globalSetup: ["server/test/support/mongo-of-the-run.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          pool: "forks",
        },
      },
      {
        test: {
          name: "flow",
          include: ["server/test/flow/**/*.test.ts"],
          globalSetup: ["server/test/support/mongo-of-the-run.ts"],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          pool: "forks",
          // Each flow test runs whole installations: one at a time on two cores, after the unit tests.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
