import type { App } from "../app.ts"
import type { ApiDependencies } from "../dependencies.ts"
import type { EventStreams } from "../event-stream.ts"

/** The webmail's routes. */
export function webmailRoutes(_app: App, _deps: ApiDependencies, _streams: EventStreams): void {
}
