import { pino, type Logger as PinoLogger } from "pino"

/** Structured log: one JSON line an event. Message contents and passwords never go in. */
export type Logger = PinoLogger

/** Makes the log of this process, writing to standard error (`level` as pino names it). */
export function createLogger(level: string): Logger {
  return pino(
    { level, base: null, redact: ["password", "token", "*.password", "*.token"], timestamp: () => `,"time":"${new Date().toISOString()}"` },
    pino.destination(2),
  )
}
