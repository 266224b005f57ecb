/**
 * The log holds something that no crash explains: what was durable once is missing or changed. A member must not start
 * from it, for it may have promised what it no longer knows.
 */
export class DamagedLogError extends Error {
  readonly code = "LOG_DAMAGED";
  override readonly name = "DamagedLogError";

  readonly file: string;
  /** Where in the file the damage begins, in bytes. */
  readonly offset: number;
  /** What is wrong there. */
  readonly what: string;

  constructor(file: string, offset: number, what: string, options?: ErrorOptions) {
    super(
      `The log is damaged in ${file} at byte ${String(offset)}: ${what}. This member must not start from it. Check the ` +
        "disk; then restore all files of this member as they were, or remove this member from the cluster and add a new " +
        "one with an empty data directory.",
      options,
    );
    this.file = file;
    this.offset = offset;
    this.what = what;
  }
}
