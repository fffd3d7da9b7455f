import type { IncomingMessage, ServerResponse } from "node:http"
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify"
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox"

/** The HTTP server with TypeBox schemas as types. */
export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>
