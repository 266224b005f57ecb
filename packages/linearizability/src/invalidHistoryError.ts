/** The history contradicts itself, so there is nothing to check: a mistake of whoever recorded it. */
export class InvalidHistoryError extends Error {
  readonly code = "INVALID_HISTORY";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "InvalidHistoryError";
  }
}
