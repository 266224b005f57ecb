import type { NodeId } from "@balsa/core";
import type { Completion } from "@balsa/replica";
import type { RandomStream } from "../random/randomStream.js";
import type { RandomStreams } from "../random/randomStreams.js";
import type { NodeProcess } from "../schedule/nodeProcess.js";
import type { VirtualTime } from "../schedule/virtualTime.js";
import { checkDiskSettings, DEFAULT_DISK_SETTINGS, type DiskSettings } from "./diskSettings.js";
import { DiskCompletion } from "./diskCompletion.js";
import type { FateOfChanges } from "./inode.js";
import { SimulatedDiskError } from "./simulatedDiskError.js";

/**
 * `write` is also the change of size, `sync` is also that of the directory, `directory` is an operation on names: to list,
 * open, rename and remove.
 */
export type DiskOperationKind = "read" | "write" | "sync" | "directory";

/** Something that does one operation after the other. */
export interface OperationQueue {
  busyUntilMs: number;
}

/** What an operation does to the disk at its end, paused or not. */
export interface DiskEffect {
  takeEffect(): void;
}

const KEEP_PROBABILITIES = [0, 0.5, 1];
const TEAR_PROBABILITY = 0.5;
const KEEP_SECTOR_PROBABILITY = 0.5;

/** How long operations take, which of them fail, and what power loss does: the hardware under the files. */
export class DiskDevice {
  settings: DiskSettings = DEFAULT_DISK_SETTINGS;
  readonly #time: VirtualTime;
  readonly #latency: Record<DiskOperationKind, RandomStream>;
  readonly #failuresDue: Record<DiskOperationKind, number> = { read: 0, write: 0, sync: 0, directory: 0 };
  readonly #streamFor: (purpose: string) => RandomStream;
  #stalledUntilMs = 0;
  #isFull = false;

  constructor(node: NodeId, time: VirtualTime, streams: RandomStreams) {
    const stream = (purpose: string) => streams.stream(`disk/${node}/${purpose}`);
    this.#streamFor = stream;
    this.#time = time;
    this.#latency = {
      read: stream("read"),
      write: stream("write"),
      sync: stream("sync"),
      directory: stream("directory"),
    };
  }

  set(settings: Partial<DiskSettings>): void {
    checkDiskSettings(settings);
    this.settings = { ...this.settings, ...settings };
  }

  set isFull(isFull: boolean) {
    this.#isFull = isFull;
  }

  hasRoomFor(usedBytes: number, moreBytes: number): boolean {
    return !this.#isFull && usedBytes + moreBytes <= this.settings.capacityBytes;
  }

  failNext(kind: DiskOperationKind, count: number): void {
    this.#failuresDue[kind] = count;
  }

  /** Whether this operation has to fail; each of the failures ordered is used up once. */
  takeFailure(kind: DiskOperationKind): boolean {
    if (this.#failuresDue[kind] === 0) return false;
    this.#failuresDue[kind] -= 1;
    return true;
  }

  /** Nothing that begins from now on ends within that time. */
  stall(durationMs: number): void {
    this.#stalledUntilMs = this.#time.now + durationMs;
  }

  /** Ends an operation when its time is over. Neither its effect nor its completion comes if the process died before. */
  complete<T>(
    process: NodeProcess,
    queue: OperationQueue,
    kind: DiskOperationKind,
    effect: DiskEffect | null,
    error: Error | null,
    value: T,
    done: Completion<T>,
  ): void {
    const nowMs = this.#time.now;
    const isIdle = queue.busyUntilMs <= nowMs;
    queue.busyUntilMs = Math.max(nowMs, queue.busyUntilMs, this.#stalledUntilMs) + this.#latencyMs(kind);
    const completion = new DiskCompletion(process, effect, error, value, done);
    // What goes to memory returns at once, unless it has to queue up; what comes behind it waits until it is done.
    if (kind === "write" && isIdle && nowMs >= this.#stalledUntilMs) this.#time.soon(completion);
    else this.#time.schedule(queue.busyUntilMs, completion);
  }

  /**
   * Does an operation now, and reports it when its time is over. An error that the act throws, or an obstacle that keeps it
   * from being done, is reported in place of a value.
   */
  finish<T>(
    process: NodeProcess,
    queue: OperationQueue,
    kind: DiskOperationKind,
    obstacle: SimulatedDiskError | null,
    act: () => T,
    done: Completion<T>,
  ): void {
    let error = obstacle;
    let value: T | undefined;
    try {
      if (error === null) value = act();
    } catch (thrown) {
      if (!(thrown instanceof SimulatedDiskError)) throw thrown;
      error = thrown;
    }
    // After an error there is no value, and whoever takes the completion may not look at it.
    this.complete(process, queue, kind, null, error, value as T, done);
  }

  /** What a crash does to changes that were not synced. */
  crashFate(): FateOfChanges {
    return this.#fate("crash", this.settings.loseUnsyncedWrites, this.settings.tearWrites);
  }

  /** What a failed sync does to the changes it should have made durable: nothing may be assumed of them. */
  failedSyncFate(): FateOfChanges {
    return this.#fate("failedSync", true, true);
  }

  /** Whether a crash keeps a change of the directory that was not synced. */
  crashKeepsNames(): () => boolean {
    return this.#keeps("crash/names", this.settings.loseDirectoryChanges);
  }

  /** How many of the first sectors of a failed write reach the file. */
  partialWriteSectors(sectorCount: number): number {
    return this.#streamFor("partial").integer(0, sectorCount);
  }

  /** An index below `count` for a place that rots. */
  pickRot(count: number): number {
    return this.#streamFor("rot").integer(0, count - 1);
  }

  #fate(purpose: string, losesWrites: boolean, tearsWrites: boolean): FateOfChanges {
    const torn = this.#streamFor(`${purpose}/torn`);
    const sectors = this.#streamFor(`${purpose}/sectors`);
    const tearProbability = tearsWrites ? TEAR_PROBABILITY : 0;
    return {
      keeps: this.#keeps(`${purpose}/lost`, losesWrites),
      tears: () => torn.chance(tearProbability),
      keepsSector: () => sectors.chance(KEEP_SECTOR_PROBABILITY),
    };
  }

  /** One event loses all changes, or none, or chooses for each of them: the extremes are as likely as the mixture. */
  #keeps(purpose: string, loses: boolean): () => boolean {
    const stream = this.#streamFor(purpose);
    const drawn = stream.pick(KEEP_PROBABILITIES);
    const keepProbability = loses ? drawn : 1;
    return () => stream.chance(keepProbability);
  }

  #latencyMs(kind: DiskOperationKind): number {
    const settings = this.settings;
    let minMs = settings.readMinMs;
    let meanMs = settings.readMeanMs;
    if (kind === "write") {
      minMs = settings.writeMinMs;
      meanMs = settings.writeMeanMs;
    } else if (kind === "sync") {
      minMs = settings.syncMinMs;
      meanMs = settings.syncMeanMs;
    }
    return minMs + this.#latency[kind].exponential(Math.max(0, meanMs - minMs));
  }
}
