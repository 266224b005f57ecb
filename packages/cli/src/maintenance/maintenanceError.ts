export type MaintenanceErrorCode =
  /** Nothing says that this directory is a member's. */
  | "NOT_A_DATA_DIRECTORY"
  /** What would be done is not undone easily, and was not confirmed by its flag. */
  | "NOT_CONFIRMED"
  /** It would break promises that this member has made to others. */
  | "UNSAFE"
  /** What is there can't be used for this. */
  | "UNUSABLE"
  /** A file or directory is there already, and nothing is overwritten. */
  | "EXISTS"
  /** A running member could not be asked, or has refused. */
  | "REFUSED";

/** A tool would not, or could not, do what it was asked. Nothing was changed, unless the message says so. */
export class MaintenanceError extends Error {
  override readonly name = "MaintenanceError";
  readonly code: MaintenanceErrorCode;

  constructor(code: MaintenanceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
