export {
  DataDirectoryError,
  openDataDirectory,
  type DataDirectory,
  type DataDirectoryOptions,
} from "./dataDirectory.js";
export { DirectoryLockedError, lockDirectory, type DirectoryLock } from "./directoryLock.js";
export { DiskError } from "./diskError.js";
export { makeDirectory } from "./makeDirectory.js";
export { NodeFile } from "./nodeFile.js";
export { FileDisk } from "./fileDisk.js";
export { REAL_FILE_SYSTEM, type FileSystem } from "./fileSystem.js";
export { SyncStatistics } from "./syncStatistics.js";
export {
  IdentityDamagedError,
  IdentityFormatError,
  IdentityMismatchError,
  readIdentity,
  writeIdentity,
  type Identity,
} from "./identity.js";
