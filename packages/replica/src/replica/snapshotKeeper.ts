import { entryBytes, type Entry, type SnapshotMetadata, type SnapshotRead, type SnapshotWrite } from "@balsa/core";
import type { Done } from "../disk.js";
import { SnapshotCorruptError, SnapshotGoneError, type LogStore, type SnapshotStore } from "../storage/index.js";
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
  readonly #log: LogStore;
  readonly #loop: MemberLoop;
  readonly #installer: SnapshotInstaller;
  #bytesSinceSnapshot = 0;
  #isTaking = false;
  #isRestoring = false;
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
    for (const entry of entries) this.#bytesSinceSnapshot += entryBytes(entry);
    if (this.#bytesSinceSnapshot >= this.#options.limits.snapshotEveryBytes) this.#take();
  }

  /** Reads a chunk for a follower. */
  serve({ to, snapshot, offset, maxBytes }: SnapshotRead): void {
    this.#store.readChunk(this.#options.group, snapshot, offset, maxBytes, (error, data) => {
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

  /** Ends all of it; `done` when no file is being written any more. */
  stop(done: Done): void {
    this.#installer.stop(() => {
      if (this.#isTaking) this.#stopping = done;
      else done(null);
    });
  }

  /** The order is what matters: the snapshot is durable before the log behind it goes. */
  #take(): void {
    const { raft, machine } = this.#loop;
    if (this.#isTaking || this.#isRestoring) return;
    this.#isTaking = true;
    this.#bytesSinceSnapshot = 0;
    const { group, limits } = this.#options;
    const draft = raft.describeSnapshotAt(this.#loop.lastApplied);
    const cancelled = (): boolean => this.#loop.isStopped;
    takeSnapshot(this.#store, group, draft, machine.snapshot(), limits.snapshotChunkBytes, cancelled, (error, snapshot) => {
      this.#isTaking = false;
      this.#stopping?.(null);
      if (this.#loop.isStopped) return;
      if (error !== null || snapshot === null) return this.#loop.fail(error ?? new SnapshotGoneError(group, draft.index));
      this.#loop.feed((core, now) => {
        if (core.snapshotTaken(now, snapshot)) this.#compactLog();
      });
    });
  }

  #arrived(error: Error | null, snapshot: SnapshotMetadata): void {
    if (error instanceof SnapshotCorruptError) {
      this.#loop.feed((raft, now) => raft.snapshotFailed(now, snapshot.index));
    } else if (error !== null) {
      this.#loop.fail(error);
    } else {
      this.#loop.feed((raft, now) => {
        if (!raft.snapshotInstalled(now, snapshot)) return;
        this.#bytesSinceSnapshot = 0;
        this.#loop.snapshotAdopted(snapshot.index);
        this.#compactLog();
        if (!this.#isRestoring) this.#restore(snapshot);
      });
    }
  }

  #restore(snapshot: SnapshotMetadata): void {
    this.#isRestoring = true;
    const { group, limits } = this.#options;
    const sink = this.#loop.machine.restore();
    restoreSnapshot(this.#store, group, snapshot, sink, limits.snapshotChunkBytes, (error) => {
      const newest = this.#loop.raft.snapshot;
      this.#isRestoring = false;
      if (this.#loop.isStopped) return;
      // Another one was installed meanwhile, and this one may be gone: what counts is the newest.
      if (newest !== null && newest.index > snapshot.index) return this.#restore(newest);
      if (error !== null) return this.#loop.fail(error);
      this.#loop.feed(() => this.#loop.restored(snapshot.index));
    });
  }

  #compactLog(): void {
    this.#log.compact(this.#options.group, this.#loop.raft.baseIndex, (error) => {
      if (error !== null) this.#loop.fail(error);
    });
  }
}
