import type { Clock } from "../clock.js";
import type { Completion, Done } from "../disk.js";
import type { ReplicaHostOptions } from "./hostOptions.js";
import type { ReplicaStorage } from "../replica/recovery.js";
import { LogStore, SnapshotStore, type RecoveredGroup } from "../storage/index.js";
import { completeLogStoreOptions } from "../storage/logStoreOptions.js";
import { GroupLog } from "./groupLog.js";

/** Snapshots that are taken at once so that the log can go. */
const MAX_RELEASES = 8;

/** One log, and one set of snapshots, for all groups of a process. */
export class HostStorage {
  readonly log: LogStore;
  readonly #snapshots: SnapshotStore;
  /** Of the whole log, so it is told with one group only. */
  #tornBytes: number;
  readonly #clock: Clock;
  #flushIsDue = false;
  /** What was read of groups that nobody has opened yet. */
  readonly #stored: Map<number, RecoveredGroup>;

  private constructor(
    log: LogStore,
    snapshots: SnapshotStore,
    clock: Clock,
    stored: Map<number, RecoveredGroup>,
    tornBytes: number,
  ) {
    this.log = log;
    this.#clock = clock;
    this.#snapshots = snapshots;
    this.#stored = stored;
    this.#tornBytes = tornBytes;
  }

  /**
   * `done` gets the error of the disk, or of what is damaged on it.
   * @throws InvalidOptionError
   */
  static open(
    { disk, clock, random }: ReplicaHostOptions,
    segmentBytes: number,
    done: Completion<HostStorage | null>,
  ): void {
    const logOptions = completeLogStoreOptions({ segmentBytes, random }); // thrown now, or nobody could catch it
    SnapshotStore.open(disk, (snapshotError, snapshots) => {
      if (snapshots === null) return done(snapshotError, null);
      LogStore.open(disk, logOptions, (logError, opened) => {
        if (opened === null) return done(logError, null);
        const { store, recovered } = opened;
        done(null, new HostStorage(store, snapshots, clock, new Map(recovered.groups), recovered.tornBytes));
      });
    });
  }

  /** What the disk held of a group when this was opened; it is handed out once. */
  take(group: number): ReplicaStorage {
    const stored = this.#stored.get(group);
    this.#stored.delete(group);
    const log = new GroupLog(this.log, this.#flushSoon);
    const tornBytes = this.#tornBytes;
    this.#tornBytes = 0;
    return { log, snapshots: this.#snapshots, stored, isLogMissing: stored === undefined, tornBytes };
  }

  /** The groups that must let go of their part of the log before the oldest file can go, as many as should at once. */
  groupsToRelease(maxLogBytes: number): readonly number[] {
    if (this.log.sizeBytes <= maxLogBytes) return [];
    return this.log.groupsInOldestSegment.slice(0, MAX_RELEASES);
  }

  /** What many groups append within a turn is one write and one sync. */
  readonly #flushSoon = (): void => {
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    this.#clock.soon(() => {
      this.#flushIsDue = false;
      this.log.flush();
    });
  };

  close(done: Done): void {
    this.log.close(done);
  }
}
