/** The codes that Node.js gives to the same failures of a real disk, but for that of a full one, which `Disk` names itself. */
export type DiskErrorCode = "EIO" | "DISK_FULL" | "ENOENT" | "EEXIST" | "EBADF";

const MEANING: Record<DiskErrorCode, string> = {
  EIO: "input/output error",
  DISK_FULL: "no space left on device",
  ENOENT: "no such file",
  EEXIST: "file already exists",
  EBADF: "the file is closed",
};

/** A disk operation failed, by fault or for good reason. */
export class SimulatedDiskError extends Error {
  override readonly name = "SimulatedDiskError";
  readonly code: DiskErrorCode;

  constructor(code: DiskErrorCode, operation: string, fileName: string) {
    super(`${code}: ${MEANING[code]}, ${operation} '${fileName}'`);
    this.code = code;
  }
}
