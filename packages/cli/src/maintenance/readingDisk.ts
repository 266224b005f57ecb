import { constants, open, statSync } from "node:fs";
import { FileDisk, REAL_FILE_SYSTEM, type FileSystem } from "@balsa/node";
import { fileError, UsageError } from "../usageError.js";

/** Whatever is asked for, a file is opened for reading. */
const READING: FileSystem = {
  ...REAL_FILE_SYSTEM,
  open: ((path: string, _flags: number, mode: number, done: (error: Error | null, descriptor: number) => void) => {
    open(path, constants.O_RDONLY, mode, done);
  }) as FileSystem["open"],
};

/** The files of a directory, which stay as they are. @throws UsageError when it is none */
export function openForReading(directory: string): FileDisk {
  requireDirectory(directory);
  return new FileDisk(directory, [], READING);
}

/** @throws UsageError */
export function requireDirectory(directory: string): void {
  let isDirectory: boolean;
  try {
    isDirectory = statSync(directory).isDirectory();
  } catch (cause) {
    throw fileError("DIR", "read", directory, cause);
  }
  if (isDirectory) return;
  throw new UsageError("FILE_ERROR", `DIR: ${directory} is no directory; expected a member's data directory.`, {
    argument: "DIR",
    expected: "a member's data directory",
  });
}
