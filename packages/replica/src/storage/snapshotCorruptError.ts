/** The bytes of a snapshot are not those that were written or announced. */
export class SnapshotCorruptError extends Error {
  readonly code = "SNAPSHOT_CORRUPT";
  override readonly name = "SnapshotCorruptError";

  readonly file: string;

  constructor(file: string, what: string, advice: string, options?: ErrorOptions) {
    super(`Snapshot ${file} is corrupt: ${what}. ${advice}`, options);
    this.file = file;
  }
}
