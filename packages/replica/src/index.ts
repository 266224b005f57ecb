export * from "./client/index.js";
export type { Clock, Timer } from "./clock.js";
export { DiskFullError, type Completion, type Disk, type DiskFile, type Done } from "./disk.js";
export { DecodeError } from "./encoding/decodeError.js";
export * from "./machines/index.js";
export * from "./maintenance/index.js";
export { isForwardMessage } from "./forwarding/forwardMessage.js";
export type {
  ForwardedCommand,
  ForwardedResult,
  ForwardMessage,
  ForwardRequest,
  ForwardResponse,
} from "./forwarding/forwardMessage.js";
export * from "./host/index.js";
export type { GroupMessage, Network, PeerMessage } from "./network.js";
export type {
  Applied,
  Outcome,
  OutcomeHandler,
  Refusal,
  RefusalCode,
  ReplicaEvent,
  ReplicaStatus,
  SessionCommand,
} from "./outcome.js";
export * from "./recording/index.js";
export { MissingEntriesError, MissingLogError, type ReplicaStorage } from "./replica/recovery.js";
export { Replica, type ProposeRouting, type ReplicaReadConsistency } from "./replica/replica.js";
export type { CapturedSnapshot } from "./replica/snapshotCaptures.js";
export { refusal } from "./replica/refusal.js";
export {
  DEFAULT_LIMITS,
  type MemberOptions as ReplicaMemberOptions,
  type ReplicaLimits,
  type ReplicaOptions,
} from "./replica/replicaOptions.js";
export { RestoreFailedError } from "./replica/snapshotRestorer.js";
export {
  decodeEnvelope,
  DEFAULT_SESSION_OPTIONS,
  encodeEnvelope,
  SessionedMachine,
  SnapshotHeadReader,
  type AddressChange,
  type AppliedResult,
  type Envelope,
  type SessionOptions,
  type SessionRefusalCode,
  type SnapshotHead,
} from "./sessions/index.js";
export type { SnapshotSink, SnapshotSource, StateMachine } from "./stateMachine.js";
export { RefusedError } from "./refusedError.js";
export * from "./storage/index.js";
export * from "./wire/index.js";
