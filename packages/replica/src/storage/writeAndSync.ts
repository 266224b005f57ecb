import type { DiskFile, Done } from "../disk.js";
import { StorageFailedError } from "./storageFailedError.js";

/**
 * Writes, and makes that durable. Both are called back to back, for a disk may do them in one go; `done` gets the first
 * error, and comes once, when both have ended.
 */
export function writeAndSync(file: DiskFile, offset: number, bytes: Uint8Array, done: Done): void {
  let underWay = 2;
  let failure: Error | null = null;
  const ends =
    (operation: string): Done =>
    (error) => {
      if (error !== null) failure ??= new StorageFailedError(`${operation} ${file.name}`, error);
      underWay--;
      if (underWay === 0) done(failure);
    };
  file.write(offset, bytes, ends("write"));
  file.sync(ends("sync"));
}
