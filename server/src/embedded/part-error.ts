/**
 * A part of the installation cannot start, for a reason a person can act on. The message is a whole
 * sentence, in the words of whoever runs the installation; print it without a stack and exit with 1.
 */
export class PartError extends Error {
  override readonly name: string = "PartError"
}
