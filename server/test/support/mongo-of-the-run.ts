import type { TestProject } from "vitest/node"
import { startTestMongo } from "./mongo.ts"

/** Global set-up of vitest: one MongoDB for all projects of the run, or the one that LIFEBOAT_TEST_MONGO_URL names. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env["LIFEBOAT_TEST_MONGO_URL"]
  const mongo = given ? { url: given, stop: () => Promise.resolve() } : await startTestMongo()
  process.env["LIFEBOAT_TEST_MONGO_URL"] = mongo.url
  project.provide("mongoUrl", mongo.url)
  return mongo.stop
}
