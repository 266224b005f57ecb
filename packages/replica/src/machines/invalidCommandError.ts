/** A command or a question that its machine would never take. */
export class InvalidCommandError extends Error {
  readonly code = "INVALID_COMMAND";
  override readonly name = "InvalidCommandError";
}
