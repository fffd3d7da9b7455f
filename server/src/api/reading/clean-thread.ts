import { parentPort } from "node:worker_threads"
import { cleanNow, type CleaningOrder } from "./mail-cleaner.ts"

/** A thread that cleans what it is given, one mail after the other. */
parentPort?.on("message", (order: CleaningOrder) => parentPort?.postMessage(cleanNow(order)))
