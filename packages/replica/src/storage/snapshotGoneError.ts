/** The snapshot that was asked for isn't there any more; a newer one is. */
export class SnapshotGoneError extends Error {
  readonly code = "SNAPSHOT_GONE";
  override readonly name = "SnapshotGoneError";

  constructor(group: number, index: number) {
    super(`The snapshot of group ${String(group)} at index ${String(index)} is gone. Use the latest one.`);
  }
}
