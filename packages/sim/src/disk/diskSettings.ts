/** How a disk behaves. Every latency is the least one plus an exponential tail up to the mean. By default no fault is on. */
export interface DiskSettings {
  /** Of writes and changes of size, which go to memory; defaults 0.01 and 0.02. */
  readonly writeMinMs: number;
  readonly writeMeanMs: number;
  /** Of syncs, also of the directory; defaults 0.1 and 0.4. */
  readonly syncMinMs: number;
  readonly syncMeanMs: number;
  /** Of reads and of operations on names; defaults 0.01 and 0.05. */
  readonly readMinMs: number;
  readonly readMeanMs: number;
  /** A crash may lose any of the writes and changes of size not yet synced. Default false: only the process dies. */
  readonly loseUnsyncedWrites: boolean;
  /** A crash may keep just some of the 512-byte sectors of a write not yet synced; default false. */
  readonly tearWrites: boolean;
  /** A crash may lose any of the directory changes not yet synced; default false. */
  readonly loseDirectoryChanges: boolean;
  /** What the sizes of all files may add up to; an operation that would exceed it fails with DISK_FULL. Default Infinity. */
  readonly capacityBytes: number;
}

export const DEFAULT_DISK_SETTINGS: DiskSettings = {
  writeMinMs: 0.01,
  writeMeanMs: 0.02,
  syncMinMs: 0.1,
  syncMeanMs: 0.4,
  readMinMs: 0.01,
  readMeanMs: 0.05,
  loseUnsyncedWrites: false,
  tearWrites: false,
  loseDirectoryChanges: false,
  capacityBytes: Infinity,
};

/** @throws RangeError for a setting that means nothing */
export function checkDiskSettings(settings: Partial<DiskSettings>): void {
  for (const name of ["writeMinMs", "writeMeanMs", "syncMinMs", "syncMeanMs", "readMinMs", "readMeanMs"] as const) {
    const latencyMs = settings[name] ?? 0;
    if (!(latencyMs >= 0 && latencyMs < Infinity)) {
      throw new RangeError(`${name} must be finite and not negative, not ${latencyMs}`);
    }
  }
  const capacityBytes = settings.capacityBytes ?? Infinity;
  if (!(capacityBytes >= 0)) throw new RangeError(`capacityBytes must not be negative, but is ${capacityBytes}`);
}
