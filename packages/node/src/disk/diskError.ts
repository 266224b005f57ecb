import { DiskFullError } from "@balsa/replica";

/** The operating system could not do what was asked of a file. */
export class DiskError extends Error {
  readonly code = "DISK_ERROR";
  override readonly name = "DiskError";
}

const NO_ROOM = new Set(["ENOSPC", "EDQUOT"]);

/** The error of a system call, with what was being done to which file. */
export function diskError(operation: string, name: string, cause: Error): Error {
  const code = "code" in cause ? String(cause.code) : "";
  if (NO_ROOM.has(code)) return new DiskFullError(`No room is left to ${operation} ${name} (${code}).`, { cause });
  return new DiskError(`Could not ${operation} ${name}: ${cause.message}`, { cause });
}
