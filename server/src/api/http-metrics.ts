import type { FastifyInstance } from "fastify"
import { Histogram, type Registry } from "prom-client"

/** Measures every call by route, method and status. */
export function measureCalls(app: FastifyInstance, registry: Registry): void {
  const name = "lifeboat_http_request_seconds"
  const existing = registry.getSingleMetric(name)
  const histogram = existing instanceof Histogram
    ? existing
    : new Histogram({ name, help: "Duration of HTTP calls in seconds", labelNames: ["method", "route", "status"], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers: [registry] })
  app.addHook("onResponse", (request, reply, done) => {
    histogram.observe({ method: request.method, route: request.routeOptions.url ?? "none", status: String(reply.statusCode) }, reply.elapsedTime / 1000)
    done()
  })
}
