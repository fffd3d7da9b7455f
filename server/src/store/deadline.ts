/** Thrown when the database has not answered in time. What was asked may still happen. */
export class DeadlineError extends Error {
  constructor(ms: number) {
    super(`no answer from the database within ${Math.round(ms)} ms`)
  }
}

/**
 * The answer of an operation, or {@link DeadlineError} after `ms`. The driver's own `timeoutMS` has no effect in 7.x, and a
 * frozen server is noticed only after about 10 s.
 */
export async function answerWithin<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(ms)), ms)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
