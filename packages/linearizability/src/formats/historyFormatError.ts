/** A text is not the history that it should be. The message says what was expected; who read the file names it. */
export class HistoryFormatError extends Error {
  readonly code = "BAD_HISTORY";
  override readonly name = "HistoryFormatError";
  /** From 1. */
  readonly line: number;
  readonly expected: string;

  constructor(line: number, problem: string, expected: string, options?: ErrorOptions) {
    super(`line ${line}: ${problem}; expected ${expected}`, options);
    this.line = line;
    this.expected = expected;
  }
}
