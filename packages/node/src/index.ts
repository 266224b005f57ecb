export { BadAddressError, InsecureListenError, TlsFilesError, type TlsFiles } from "@balsa/client/connection";
export {
  GroupWasOpenError,
  HostStoppedError,
  preferredLeader,
  RefusedError,
  type HostSettings,
  type RefusalCode,
} from "@balsa/replica";
export {
  DataDirectoryError,
  DirectoryLockedError,
  lockDirectory,
  makeDirectory,
  NodeFile,
  type DirectoryLock,
  DiskError,
  FileDisk,
  IdentityDamagedError,
  IdentityFormatError,
  IdentityMismatchError,
  openDataDirectory,
  readIdentity,
  REAL_FILE_SYSTEM,
  SyncStatistics,
  type DataDirectory,
  type DataDirectoryOptions,
  type FileSystem,
  type Identity,
  writeIdentity,
} from "./disk/index.js";
export { SystemClock } from "./clock/index.js";
export type { RecordOptions } from "./recording/fileRecording.js";
export { readRecordingFile, recordingFiles } from "./recording/recordingFile.js";
export { TcpNetwork, type TcpNetworkOptions } from "./network/index.js";
export { jsonCodec } from "./raftNode/jsonCodec.js";
export { LeadershipLostError } from "./raftNode/leadershipWatch.js";
export { SILENT_LOGGER, type Logger } from "./raftNode/logger.js";
export { RaftNode, type CommandOf, type ResultOf } from "./raftNode/raftNode.js";
export type { FittedSettings, LinkDiagnosis, NodeDiagnosis } from "./raftNode/nodeDiagnosis.js";
export type * from "./raftNode/raftNodeApi.js";
export type { BytesNodeOptions, MemberOptions, RaftNodeOptions } from "./raftNode/raftNodeOptions.js";
export { RaftHost } from "./raftHost/raftHost.js";
export type * from "./raftHost/raftHostOptions.js";
export type { Codec, TypedStateMachine } from "./raftNode/typedStateMachine.js";
