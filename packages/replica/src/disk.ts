/** Ends an operation: with an error, or with null and the result. Called once, never before the operation returned. */
export type Completion<T> = (error: Error | null, value: T) => void;

/** Ends an operation without a result. */
export type Done = (error: Error | null) => void;

/** There is no room: a file could not be made, or made longer. What was there before is as it was. */
export class DiskFullError extends Error {
  readonly code = "DISK_FULL";
  override readonly name = "DiskFullError";
}

/**
 * The files of one data directory, flat and by name. A completion is a call, so that a simulated disk and a real one
 * drive the same code and neither promises nor the event loop decide an order.
 *
 * Operations on one file take effect in the order they were called in. What is written is durable only after `sync` of
 * its file; that a file exists, has a name or is gone, only after `syncDirectory`. A crash may keep any subset of the
 * writes and directory changes that were not synced, and part of one write.
 */
export interface Disk {
  /** Names of all files, in ascending order. */
  list(done: Completion<readonly string[]>): void;
  /** Opens a file for reading and writing. With `create` it must not exist yet, without it must. */
  open(name: string, create: boolean, done: Completion<DiskFile>): void;
  /** Gives a file another name, atomically replacing what had it. */
  rename(from: string, to: string, done: Done): void;
  remove(name: string, done: Done): void;
  /** Makes creations, renames and removals so far durable. */
  syncDirectory(done: Done): void;
}

export interface DiskFile {
  readonly name: string;
  size(done: Completion<number>): void;
  /** Reads up to `length` bytes; fewer only where the file ends. */
  read(offset: number, length: number, done: Completion<Uint8Array>): void;
  /** Writes all of `bytes`, which the caller leaves unchanged until `done`. A gap before `offset` reads as zeros. */
  write(offset: number, bytes: Uint8Array, done: Done): void;
  /**
   * Makes the file this long, cutting it off or adding zeros. Adding reserves the space, so that writing there later does
   * not fail for lack of it; `DiskFullError` where there is none.
   */
  resize(sizeBytes: number, done: Done): void;
  /** Makes all writes so far durable. After an error nothing may be assumed of them, nor may the sync be repeated. */
  sync(done: Done): void;
  close(done: Done): void;
}
