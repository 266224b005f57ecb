export type { Configuration, ConfigurationChange } from "./configuration.js";
export type { Effects, HardState, Persist, ReadRefusal, ReadResult, SnapshotRead, SnapshotWrite } from "./effects.js";
export { ENTRY_OVERHEAD_BYTES, entryBytes, type Entry, type EntryKind, type NodeId } from "./entry.js";
export { InvalidOptionError, InvariantError, invariant } from "./errors.js";
export type { RaftEvent, Role } from "./event.js";
export type * from "./message.js";
export { completeOptions, DEFAULT_OPTIONS, type RaftOptions } from "./options.js";
