import { Raft, type StoredState } from "@balsa/core";
import type { Completion, Disk } from "../disk.js";
import { SessionedMachine } from "../sessions/index.js";
import type { SnapshotSink } from "../stateMachine.js";
import { LogStore, SnapshotStore, type RecoveredGroup, type ReplicaLog } from "../storage/index.js";
import type { CompleteReplicaOptions } from "./replicaOptions.js";
import { restoreSnapshot } from "./snapshotRestorer.js";

/** All that a member needs to go on from where it stopped. */
export interface Recovered {
  readonly raft: Raft;
  readonly machine: SessionedMachine;
  readonly log: ReplicaLog;
  readonly snapshots: SnapshotStore;
  readonly tornBytes: number;
}

/** Where a member keeps what it must not forget, and what stands there. */
export interface ReplicaStorage {
  readonly log: ReplicaLog;
  readonly snapshots: SnapshotStore;
  /** What the log holds of the group; undefined for nothing. */
  readonly stored: RecoveredGroup | undefined;
  /** There is no log to which a snapshot could belong. */
  readonly isLogMissing: boolean;
  readonly tornBytes: number;
}

/** Snapshot and log on the disk don't belong together: entries between the two are gone. */
export class MissingEntriesError extends Error {
  readonly code = "ENTRIES_MISSING";
  override readonly name = "MissingEntriesError";

  constructor(snapshotIndex: number, baseIndex: number) {
    super(
      `The log (log-*.segment) begins behind entry ${String(baseIndex)}, and the newest snapshot (snapshot-*.snapshot) ends at ` +
        `${String(snapshotIndex)}: what lies between is missing. Put the files back that are gone, or replace this member by ` +
        "one with a new name and an empty disk.",
    );
  }
}

/** There is a snapshot and no log at all, though the log always comes first: with it term and vote are lost. */
export class MissingLogError extends Error {
  readonly code = "LOG_MISSING";
  override readonly name = "MissingLogError";

  constructor() {
    super(
      "The data directory holds a snapshot and not one file of the log (log-*.segment), so it is not known whom this " +
        "member has voted for. Put the files back, or replace this member by one with a new name and an empty disk.",
    );
  }
}

/** Opens a log and snapshots for one member alone. */
export function openStorage(
  disk: Disk,
  { limits, group, random }: CompleteReplicaOptions,
  done: Completion<ReplicaStorage | null>,
): void {
  SnapshotStore.open(disk, (snapshotError, snapshots) => {
    if (snapshotError !== null || snapshots === null) return done(snapshotError, null);
    LogStore.open(disk, { segmentBytes: limits.segmentBytes, random }, (logError, opened) => {
      if (logError !== null || opened === null) return done(logError, null);
      const { store, recovered, isNew } = opened;
      const stored = recovered.groups.get(group);
      done(null, { log: store, snapshots, stored, isLogMissing: isNew, tornBytes: recovered.tornBytes });
    });
  });
}

/** Takes up what was stored: the newest snapshot into the state machine, the log behind it into the core. */
export function recover(
  options: CompleteReplicaOptions,
  storage: ReplicaStorage,
  done: Completion<Recovered | null>,
): void {
  const { group } = options;
  const { log, snapshots, stored, isLogMissing, tornBytes } = storage;
  restoreMachine(options, snapshots, (error, machine) => {
    const isLogLost = isLogMissing && snapshots.latest(group) !== null;
    const loss = isLogLost ? new MissingLogError() : describeGap(snapshots, group, stored);
    const failure = error ?? loss;
    if (failure !== null || machine === null) return log.close(() => done(failure, null));
    let raft: Raft;
    try {
      raft = createRaft(options, snapshots, stored);
    } catch (cause) {
      return log.close(() => done(cause as Error, null)); // an InvariantError or InvalidOptionError
    }
    done(null, { raft, machine, log, snapshots, tornBytes });
  });
}

function restoreMachine(
  options: CompleteReplicaOptions,
  snapshots: SnapshotStore,
  done: Completion<SessionedMachine | null>,
): void {
  const machine = new SessionedMachine(options.stateMachine, options.sessions);
  const snapshot = snapshots.latest(options.group);
  if (snapshot === null) {
    done(null, machine);
    return;
  }
  const { group, limits } = options;
  const begin = (): SnapshotSink => machine.restore();
  restoreSnapshot(
    snapshots,
    group,
    snapshot,
    begin,
    limits.snapshotChunkBytes,
    () => false,
    (error) => {
      done(error, error === null ? machine : null);
    },
  );
}

function describeGap(
  snapshots: SnapshotStore,
  group: number,
  recovered: RecoveredGroup | undefined,
): MissingEntriesError | null {
  const snapshotIndex = snapshots.latest(group)?.index ?? 0;
  const baseIndex = Math.max(recovered?.baseIndex ?? 0, recovered?.snapshot?.index ?? 0);
  return baseIndex > snapshotIndex ? new MissingEntriesError(snapshotIndex, baseIndex) : null;
}

function createRaft(
  options: CompleteReplicaOptions,
  snapshots: SnapshotStore,
  recovered: RecoveredGroup | undefined,
): Raft {
  const { id, raft, clock, group, founders, recorder } = options;
  const random = recorder?.drawingFrom(options.random) ?? options.random;
  const setup = { id, options: raft, random, now: clock.now() };
  const snapshot = snapshots.latest(group);
  if (recovered === undefined && snapshot === null) return Raft.create(setup, founders);
  const stored: StoredState = {
    hardState: recovered?.hardState ?? { term: snapshot?.term ?? 0, vote: null },
    snapshot,
    baseIndex: recovered?.baseIndex ?? 0,
    baseTerm: recovered?.baseTerm ?? 0,
    entries: recovered?.entries ?? [],
  };
  return Raft.restore(setup, stored);
}
