import { FileDisk, lockDirectory, readIdentity, type Identity } from "@balsa/node";
import { MaintenanceError } from "./maintenanceError.js";
import { requireDirectory } from "./readingDisk.js";

const OWN_FILES = ["LOCK", "IDENTITY", "IDENTITY.tmp"];

/** The data directory of a member that does not run, and can't start until `release`. */
export interface OwnedDirectory {
  readonly directory: string;
  readonly identity: Identity;
  readonly disk: FileDisk;
  release(): Promise<void>;
}

/** @throws UsageError, MaintenanceError, DirectoryLockedError, IdentityDamagedError, IdentityFormatError */
export async function ownDirectory(directory: string): Promise<OwnedDirectory> {
  requireDirectory(directory);
  requireIdentity(directory);
  const lock = await lockDirectory(directory);
  try {
    const identity = requireIdentity(directory);
    return { directory, identity, disk: new FileDisk(directory, OWN_FILES), release: () => lock.release() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function requireIdentity(directory: string): Identity {
  const identity = readIdentity(directory);
  if (identity !== null) return identity;
  const what = `${directory} holds no file IDENTITY, so nothing says that it is a member's data directory.`;
  throw new MaintenanceError(
    "NOT_A_DATA_DIRECTORY",
    `${what} Give the directory that the member is started with (--data).`,
  );
}
