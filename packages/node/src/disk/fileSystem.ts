import * as fs from "node:fs";

/** What is used of `node:fs`, so that tests can make it fail. */
export type FileSystem = Pick<
  typeof fs,
  "open" | "close" | "read" | "write" | "fstat" | "ftruncate" | "fdatasync" | "fsync" | "readdir" | "rename" | "unlink"
>;

export const REAL_FILE_SYSTEM: FileSystem = fs;
