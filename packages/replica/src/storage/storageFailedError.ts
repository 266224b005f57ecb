/**
 * The disk refused an operation. What of it took effect is unknown and can't be found out by trying again (a second
 * sync may succeed though the data of the first is lost), so the store does nothing more.
 */
export class StorageFailedError extends Error {
  readonly code = "STORAGE_FAILED";
  override readonly name = "StorageFailedError";

  constructor(operation: string, cause: Error) {
    super(
      `The disk failed to ${operation}: ${cause.message}. This member must stop. Check the disk and its free space, then ` +
        "start the member again: it recovers what is durable.",
      { cause },
    );
  }
}
