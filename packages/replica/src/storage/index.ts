export { crc32c } from "./crc32c.js";
export { DamagedLogError } from "./damagedLogError.js";
export { isDiskFull } from "./diskFull.js";
export { parseSnapshotName, segmentSequence, SPARE_NAME, type SnapshotNameParts } from "./fileName.js";
export { writeFreshLog, type FreshLogOptions, type LogContent } from "./freshLog.js";
export {
  inspectLog,
  type InspectedRecord,
  type InspectedSegment,
  type LogDamage,
  type LogInspection,
  type SegmentVisitor,
} from "./logInspection.js";
export { LogStore, type OpenedLog } from "./logStore.js";
export type { LogStoreOptions } from "./logStoreOptions.js";
export type { RecoveredGroup, RecoveredLog } from "./recoveredLog.js";
export type { ReplicaLog } from "./replicaLog.js";
export type { GroupBehind } from "./recordsBehind.js";
export { SnapshotCorruptError } from "./snapshotCorruptError.js";
export type { SnapshotDraft } from "./snapshotFile.js";
export { SnapshotGoneError } from "./snapshotGoneError.js";
export { SnapshotStore } from "./snapshotStore.js";
export { verifySnapshotFile, type StoredSnapshot } from "./snapshotVerification.js";
export { SnapshotWriter, type SnapshotFileNames } from "./snapshotWriter.js";
export { StorageFailedError } from "./storageFailedError.js";
export { UnknownFormatError } from "./unknownFormatError.js";
