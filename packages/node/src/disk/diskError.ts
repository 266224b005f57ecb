import { DiskFullError } from "@balsa/replica";

/** The operating system could not do what was asked of a file. */
export class DiskError extends Error {
  readonly code = "DISK_ERROR";
  override readonly name = "DiskError";
}

/** Whether a system call failed for want of room. */
export function isNoRoom({ code }: NodeJS.ErrnoException): boolean {
  return code === "ENOSPC" || code === "EDQUOT";
}

/** The error of a system call, with what was being done to which file. */
export function diskError(operation: string, name: string, cause: NodeJS.ErrnoException): Error {
  if (isNoRoom(cause)) {
    return new DiskFullError(`No room is left to ${operation} ${name} (${String(cause.code)}).`, { cause });
  }
  return new DiskError(`Could not ${operation} ${name}: ${cause.message}`, { cause });
}
