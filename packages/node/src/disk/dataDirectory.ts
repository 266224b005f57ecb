import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { LOCK_FILE, lockDirectory, type DirectoryLock } from "./directoryLock.js";
import { FileDisk } from "./fileDisk.js";
import type { FileSystem } from "./fileSystem.js";
import { makeDirectory } from "./makeDirectory.js";
import {
  checkIdentity,
  IDENTITY_FILE,
  IDENTITY_TEMPORARY_FILE,
  IdentityDamagedError,
  readIdentity,
  writeIdentity,
  type Identity,
} from "./identity.js";

export interface DataDirectoryOptions extends Identity {
  readonly directory: string;
  readonly fileSystem?: FileSystem;
}

/** A data directory that this process alone has open. */
export interface DataDirectory {
  readonly disk: FileDisk;
  /** Gives the directory free. The files must be closed by then. */
  close(): Promise<void>;
}

/** The data directory can't be used as one. */
export class DataDirectoryError extends Error {
  readonly code = "DATA_DIRECTORY";
  override readonly name = "DataDirectoryError";
}

const OWN_FILES = [LOCK_FILE, IDENTITY_FILE, IDENTITY_TEMPORARY_FILE];

/**
 * Opens the data directory of a member, and makes it where it is not there.
 * @throws DataDirectoryError, DirectoryLockedError, IdentityMismatchError, IdentityDamagedError, IdentityFormatError
 */
export async function openDataDirectory(options: DataDirectoryOptions): Promise<DataDirectory> {
  const directory = resolve(options.directory);
  let lock: DirectoryLock | null = null;
  try {
    makeDirectory(directory);
    readdirSync(directory);
    lock = await lockDirectory(directory);
    identify(directory, { clusterId: options.clusterId, id: options.id });
  } catch (error) {
    await lock?.release();
    throw asDirectoryError(directory, error);
  }
  return { disk: new FileDisk(directory, OWN_FILES, options.fileSystem), close: () => lock.release() };
}

/** What the system says becomes an error of the directory; what has been put in words already stays. */
function asDirectoryError(directory: string, cause: unknown): unknown {
  if (!(cause instanceof Error && "syscall" in cause)) return cause;
  const { code = "", message } = cause as NodeJS.ErrnoException;
  const reason = REASONS[code] ?? message;
  return new DataDirectoryError(`${directory} can't be used as a data directory: ${reason}.`, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EEXIST: "there is a file of that name",
  ENOTDIR: "a part of the path is not a directory",
  EROFS: "the file system is read-only",
  ENOSPC: "no space is left",
};

function identify(directory: string, wanted: Identity): void {
  const found = readIdentity(directory);
  if (found !== null) return checkIdentity(directory, found, wanted);
  const others = readdirSync(directory).filter((name) => !OWN_FILES.includes(name) && name !== "lost+found");
  if (others.length > 0) {
    throw new IdentityDamagedError(
      `${directory} is not empty (it holds ${String(others[0])}) and lacks the file ${IDENTITY_FILE}, which says whose it is. ` +
        "Put that back, or give this member an empty directory.",
    );
  }
  writeIdentity(directory, wanted);
}
