export type { Clock, Timer } from "./clock.js";
export type { Completion, Disk, DiskFile, Done } from "./disk.js";
export type { GroupMessage, Network } from "./network.js";
export type { SnapshotSink, SnapshotSource, StateMachine } from "./stateMachine.js";
