export type { Configuration, ConfigurationChange } from "./configuration.js";
export {
  changeConfiguration,
  describeInvalidConfiguration,
  isJoint,
  isVoter,
  leaveJoint,
  MAX_ID_LENGTH,
  MAX_MEMBERS,
  membersOf,
  simpleConfiguration,
  type ConfigurationChangeResult,
} from "./configurationChange.js";
export type { Effects, HardState, Persist, ReadRefusal, ReadResult, SnapshotRead, SnapshotWrite } from "./effects.js";
export { ENTRY_OVERHEAD_BYTES, entryBytes, type Entry, type EntryKind, type NodeId } from "./entry.js";
export { InvalidOptionError, InvariantError, invariant } from "./errors.js";
export type { RaftEvent, Role } from "./event.js";
export { feedInput, type RaftInput, type RaftObserver } from "./input.js";
export type { StoredState } from "./initialState.js";
export type { Log } from "./log.js";
export type { ReconfigureRefusal, ReconfigureResult } from "./membership.js";
export type * from "./message.js";
export { describeMalformedMessage, MAX_INDEX } from "./messageValidation.js";
export { completeOptions, DEFAULT_OPTIONS, type RaftOptions } from "./options.js";
export type { InflightAppend, Progress, ProgressState, SnapshotTransfer } from "./progress.js";
export type { ProposeRefusal, ProposeResult } from "./proposals.js";
export { quorumValue, voteOutcome, type VoteOutcome } from "./quorum.js";
export { Raft, type RaftSetup } from "./raft.js";
export type { ReadConsistency } from "./reads.js";
export { MAX_TERM } from "./roles.js";
export type * from "./state.js";
export type { PeerStatus, RaftStatus } from "./status.js";
export type { TransferRefusal, TransferResult } from "./transfer.js";
