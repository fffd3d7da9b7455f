import { Type } from "typebox"
import { Nullable } from "@lifeboat/shared/schemas/list"
import type { App } from "./app.ts"
import type { ApiDependencies } from "./dependencies.ts"

const checkMs = 5_000

/** For load balancers and monitoring: alive, ready for work, metrics (H3). */
export function healthRoutes(app: App, { readiness, metrics, log }: ApiDependencies): void {
  app.get("/healthz", { exposeHeadRoute: true, config: { access: "public" }, schema: { tags: ["health"], summary: "The process is up", response: { 200: Type.Object({ status: Type.Literal("up") }) } } }, () => ({ status: "up" as const }))

  const Readiness = Type.Object({ ready: Type.Boolean(), checks: Type.Record(Type.String(), Nullable(Type.String())) })
  app.get("/readyz", { exposeHeadRoute: true, config: { access: "public" }, schema: { tags: ["health"], summary: "Every role of this node can do its work; `checks` says what cannot", response: { 200: Readiness, 503: Readiness } } }, async (_request, reply) => {
    const checks = await withTimeout(readiness(), checkMs).catch((error: unknown) => {
      log.warn({ error: String(error) }, "readiness could not be checked")
      return { node: "The checks did not end in time." }
    })
    const ready = Object.values(checks).every((problem) => problem === null)
    return reply.code(ready ? 200 : 503).send({ ready, checks: { ...checks } })
  })

  app.get("/metrics", { config: { access: "public" }, schema: { tags: ["health"], summary: "Prometheus metrics" } }, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()))
}

function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T> {
  return Promise.race([promise, new Promise<never>((_resolve, reject) => setTimeout(() => reject(new Error("timed out")), ms).unref())])
}
