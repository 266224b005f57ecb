import { entryBytes, type Entry, type SnapshotMetadata, type SnapshotRead, type SnapshotWrite } from "@balsa/core";
import type { Done } from "../disk.js";
import {
  isDiskFull,
  SnapshotCorruptError,
  SnapshotGoneError,
  type ReplicaLog,
  type SnapshotStore,
} from "../storage/index.js";
import type { MemberLoop } from "./memberLoop.js";
import type { Recovered } from "./recovery.js";
import type { CompleteReplicaOptions } from "./replicaOptions.js";
import { SnapshotInstaller } from "./snapshotInstaller.js";
import { restoreSnapshot } from "./snapshotRestorer.js";
import { takeSnapshot } from "./snapshotTaker.js";

/** Takes snapshots when they are due, hands them out to followers, and installs those of a leader. */
export class SnapshotKeeper {
  readonly #options: CompleteReplicaOptions;
  readonly #store: SnapshotStore;
  readonly #log: ReplicaLog;
  readonly #loop: MemberLoop;
  readonly #installer: SnapshotInstaller;
  #bytesSinceSnapshot = 0;
  #isTaking = false;
  #isRestoring = false;
  /** The next snapshot is taken so that the log can go. */
  #tailIsUnwanted = false;
  /** The newest snapshot on disk is not the one that the core knows. */
  #adoptionDue = false;
  /** Snapshots that are being read or written. */
  #activities = 0;
  #stopping: Done | null = null;

  constructor(options: CompleteReplicaOptions, recovered: Recovered, loop: MemberLoop) {
    this.#options = options;
    this.#store = recovered.snapshots;
    this.#log = recovered.log;
    this.#loop = loop;
    this.#installer = new SnapshotInstaller(this.#store, options.group, (error, snapshot) => {
      this.#arrived(error, snapshot);
    });
  }

  /** The state machine is being replaced: nothing may be applied until it has been. */
  get isRestoring(): boolean {
    return this.#isRestoring;
  }

  noteApplied(entries: readonly Entry[]): void {
    if (this.#adoptionDue) this.#adoptNewest();
    for (const entry of entries) this.#bytesSinceSnapshot += entryBytes(entry);
    if (this.#bytesSinceSnapshot >= this.#options.limits.snapshotEveryBytes) this.#take();
  }

  /** Compacts the log as far as it was applied, with the snapshot there is or, where that is older, a new one. */
  releaseLog(): void {
    const { raft, lastApplied } = this.#loop;
    this.#tailIsUnwanted = true;
    if ((raft.snapshot?.index ?? 0) < lastApplied) this.#take();
    else this.#dropTail();
  }

  /** Reads a chunk for a follower. */
  serve({ to, snapshot, offset, maxBytes }: SnapshotRead): void {
    this.#activities += 1;
    this.#store.readChunk(this.#options.group, snapshot, offset, maxBytes, (error, data) => {
      if (this.#ended()) return;
      if (error instanceof SnapshotGoneError) {
        this.#loop.feed((raft, now) => raft.snapshotReadFailed(now, to, snapshot.index));
      } else if (error !== null || data === null) {
        this.#loop.fail(error ?? new SnapshotGoneError(this.#options.group, snapshot.index));
      } else {
        this.#loop.feed((raft, now) => raft.snapshotChunkRead(now, to, snapshot.index, offset, data));
      }
    });
  }

  /** Takes a chunk from the leader. */
  take(chunk: SnapshotWrite): void {
    this.#installer.write(chunk);
  }

  /** Ends all of it; `done` when no file is in use any more. The loop must have stopped. */
  stop(done: Done): void {
    this.#installer.stop(() => {
      if (this.#activities > 0) this.#stopping = done;
      else done(null);
    });
  }

  /** The order is what matters: the snapshot is durable before the log behind it goes. */
  #take(): void {
    const { raft, machine } = this.#loop;
    if (this.#isTaking || this.#isRestoring) return;
    const { group, limits } = this.#options;
    const draft = raft.describeSnapshotAt(this.#loop.lastApplied);
    const source = machine.snapshot();
    this.#isTaking = true;
    this.#activities += 1;
    this.#bytesSinceSnapshot = 0;
    const cancelled = (): boolean => this.#loop.isStopped;
    takeSnapshot(this.#store, group, draft, source, limits.snapshotChunkBytes, cancelled, (error) => {
      this.#isTaking = false;
      if (this.#ended()) return;
      if (error === null) this.#loop.feed(() => this.#adoptNewest());
      // The one before still holds, and what there was of this one is gone: it is tried again when as much was applied.
      else if (!isDiskFull(error)) this.#loop.fail(error);
    });
  }

  #arrived(error: Error | null, snapshot: SnapshotMetadata): void {
    if (error instanceof SnapshotCorruptError) {
      this.#loop.feed((raft, now) => raft.snapshotFailed(now, snapshot.index));
    } else if (error !== null) {
      this.#loop.fail(error);
    } else {
      this.#loop.feed((raft, now) => {
        if (!raft.snapshotInstalled(now, snapshot)) {
          this.#adoptNewest();
          return;
        }
        this.#bytesSinceSnapshot = 0;
        this.#loop.snapshotAdopted(snapshot.index);
        this.#compactLog();
        if (!this.#isRestoring) this.#restore(snapshot);
      });
    }
  }

  /**
   * Tells the core of the newest snapshot on disk, be it an own one or a leader's that came too late to be needed: older
   * ones are gone. One that is ahead of the state machine waits until that has caught up.
   */
  #adoptNewest(): void {
    const { raft } = this.#loop;
    const newest = this.#store.latest(this.#options.group);
    this.#adoptionDue = newest !== null && newest.index > raft.appliedIndex;
    if (newest !== null && !this.#adoptionDue && raft.snapshotTaken(this.#options.clock.now(), newest)) {
      if (this.#tailIsUnwanted) this.#dropTail();
      else this.#compactLog();
    }
  }

  #dropTail(): void {
    this.#tailIsUnwanted = false;
    this.#loop.raft.dropLogTail(this.#options.clock.now());
    this.#compactLog();
  }

  #restore(snapshot: SnapshotMetadata): void {
    this.#isRestoring = true;
    this.#activities += 1;
    const { group, limits } = this.#options;
    const { machine, raft } = this.#loop;
    const cancelled = (): boolean => this.#loop.isStopped;
    const begin = () => machine.restore();
    restoreSnapshot(this.#store, group, snapshot, begin, limits.snapshotChunkBytes, cancelled, (error) => {
      this.#isRestoring = false;
      if (this.#ended()) return;
      const newest = raft.snapshot;
      const isReplaced = newest !== null && newest.index > snapshot.index;
      // Another one was installed meanwhile, and this one may be gone: what counts is the newest.
      if (isReplaced && (error === null || error instanceof SnapshotGoneError)) return this.#restore(newest);
      if (error !== null) return this.#loop.fail(error);
      this.#loop.feed(() => this.#loop.restored(snapshot.index));
    });
  }

  #compactLog(): void {
    this.#log.compact(this.#options.group, this.#loop.raft.baseIndex, (error) => {
      if (error !== null) this.#loop.fail(error);
    });
  }

  /** Notes the end of an activity. Returns whether the member has stopped meanwhile. */
  #ended(): boolean {
    this.#activities -= 1;
    if (this.#activities === 0) this.#stopping?.(null);
    return this.#loop.isStopped;
  }
}
