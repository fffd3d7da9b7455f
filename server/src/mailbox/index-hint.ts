import { MongoServerError } from "mongodb"

/**
 * The answer over an index of WildDuck's, or without it where WildDuck has not made it (yet). Left to choose, the database
 * may try others over whole mails first, or count in one that has dozens of keys a mail: both take seconds.
 */
export async function over<T>(hint: string, ask: (options: { hint?: string }) => Promise<T>): Promise<T> {
  try {
    return await ask({ hint })
  } catch (error) {
    if (error instanceof MongoServerError && error.code === 2 && /hint/.test(error.message)) return ask({})
    throw error
  }
}
