import { InvalidOptionError, invariant, type Persist } from "@balsa/core";
import type { Completion, Disk, Done } from "../disk.js";
import { createSegment, type ActiveSegment } from "./activeSegment.js";
import { GroupTail } from "./groupTail.js";
import { LogGather, type GatheredBatch } from "./logGather.js";
import { completeRecord, RECORD_HEADER_BYTES } from "./logRecord.js";
import { recoverLog, sealAt, type LogRecovered } from "./logRecovery.js";
import { noteHighest, type RecoveredLog } from "./recoveredLog.js";
import { SegmentRemover } from "./segmentRemover.js";
import { StorageFailedError } from "./storageFailedError.js";

const DEFAULT_SEGMENT_BYTES = 8 * 1024 * 1024;
const MAX_SEGMENT_BYTES = 1024 * 1024 * 1024;

export interface LogStoreOptions {
  /** Size that a segment file is given when it is created. Default 8 MiB. */
  readonly segmentBytes?: number;
}

export interface OpenedLog {
  readonly store: LogStore;
  readonly recovered: RecoveredLog;
  /** There was no log before. */
  readonly isNew: boolean;
}

/**
 * The log on disk: hard state and entries of any number of groups, one log for all of them.
 *
 * Every batch is one record, so that it is durable as a whole or not at all. One write and one sync are under way at
 * most; what is appended meanwhile is gathered and goes out together ("group commit"). After the first error of the
 * disk nothing is tried again and nothing acknowledged.
 */
export class LogStore {
  readonly #disk: Disk;
  readonly #segmentBytes: number;
  readonly #tails: Map<number, GroupTail>;
  readonly #remover: SegmentRemover;
  #active: ActiveSegment;
  #gathering = new LogGather();
  #writing = new LogGather();
  /** Batches whose bytes are being written. */
  #inFlight: readonly GatheredBatch[] = [];
  #busy = false;
  #removing = false;
  #compactionsWaiting: Done[] = [];
  #failure: Error | null = null;
  #closing: Done | null = null;
  #closed = false;

  private constructor(disk: Disk, segmentBytes: number, { replay, active }: LogRecovered & { active: ActiveSegment }) {
    this.#disk = disk;
    this.#segmentBytes = segmentBytes;
    this.#tails = replay.tails;
    this.#remover = new SegmentRemover(
      disk,
      replay.segments.filter((segment) => segment !== active.summary),
    );
    this.#active = active;
  }

  /**
   * Reads what is there, cuts off a torn tail and makes the log ready to be written.
   *
   * `done` gets `DamagedLogError` when what was durable is missing or changed, `UnknownFormatError` for a log of another
   * version, `StorageFailedError` when the disk fails.
   * @throws InvalidOptionError
   */
  static open(disk: Disk, options: LogStoreOptions, done: Completion<OpenedLog | null>): void {
    const segmentBytes = options.segmentBytes ?? DEFAULT_SEGMENT_BYTES;
    if (!(Number.isInteger(segmentBytes) && segmentBytes >= 1 && segmentBytes <= MAX_SEGMENT_BYTES)) {
      throw new InvalidOptionError(
        "segmentBytes",
        segmentBytes,
        `a whole number from 1 to ${String(MAX_SEGMENT_BYTES)}`,
      );
    }
    recoverLog(disk, (error, log) => {
      if (error !== null || log === null) return done(error, null);
      const { replay } = log;
      const isNew = replay.segments.length === 0;
      const finish = (active: ActiveSegment): void => {
        const store = new LogStore(disk, segmentBytes, { replay, active });
        done(null, { store, recovered: { groups: replay.groups, tornBytes: replay.tornBytes }, isNew });
      };
      if (log.active !== null) return finish(log.active);
      createSegment(disk, null, replay.tails, segmentBytes, 0, (createError, active) => {
        if (active === null) done(createError, null);
        else finish(active);
      });
    });
  }

  /** Bytes of the log in use, without those being written. */
  get sizeBytes(): number {
    return this.#remover.sizeBytes + this.#active.summary.endOffset;
  }

  /**
   * Makes the batch durable, as a whole and in the order of these calls. `done` may get `StorageFailedError`.
   * @throws InvariantError when entries don't follow what the group holds; the disk's completion may throw it, too, when
   * it takes up what has been gathered. The member must stop then.
   */
  append(group: number, persist: Persist, done: Done): void {
    invariant(this.#closing === null && !this.#closed, "nothing is appended to a log that is closed");
    if (this.#failure !== null) return this.#later(done);
    this.#gathering.add(group, persist, this.#remover.compactedIndex(group), done);
    this.#advance();
  }

  /**
   * Entries of the group up to this one are in a durable snapshot and not needed any more. Removes the segments that
   * hold nothing else; hard state stays. `done` may get `StorageFailedError`.
   */
  compact(group: number, throughIndex: number, done: Done): void {
    invariant(this.#closing === null && !this.#closed, "a log that is closed is not compacted");
    if (this.#failure !== null) return this.#later(done);
    this.#remover.compact(group, throughIndex);
    if (!this.#removing && !this.#remover.isDue) return this.#later(done);
    this.#compactionsWaiting.push(done);
    if (!this.#removing) this.#removeSegments();
  }

  /** Ends what is under way, then closes the files. Nothing may be appended after the call. */
  close(done: Done): void {
    invariant(this.#closing === null && !this.#closed, "a log is closed once");
    this.#closing = done;
    this.#closeIfIdle();
  }

  #advance(): void {
    if (this.#busy || this.#failure !== null) return;
    if (this.#writing.isEmpty) {
      const written = this.#writing;
      written.reset();
      this.#writing = this.#gathering;
      this.#gathering = written;
      if (this.#writing.isEmpty) return this.#closeIfIdle();
    }
    this.#busy = true;
    const { summary, capacity } = this.#active;
    const batches = this.#writing.take(capacity - RECORD_HEADER_BYTES - summary.endOffset);
    if (batches.length === 0) this.#startSegment();
    else this.#write(batches);
  }

  #write(batches: readonly GatheredBatch[]): void {
    const { file, summary } = this.#active;
    const durableOffset = summary.endOffset;
    const bytes = this.#writing.bytes;
    const start = (batches[0] as GatheredBatch).start;
    const end = (batches.at(-1) as GatheredBatch).end;
    for (const batch of batches) {
      completeRecord(bytes, batch.start, batch.end, durableOffset + batch.start - start, durableOffset);
      const tail = this.#tailOf(batch.group);
      tail.apply(batch.persist);
      tail.forget(batch.compactedIndex);
      noteHighest(summary, batch.group, batch.persist.entries);
    }
    this.#inFlight = batches;
    this.#active.sealed = false;
    file.write(durableOffset, bytes.subarray(start, end), (writeError) => {
      if (this.#stopped(writeError, "write", file.name)) return;
      file.sync((syncError) => {
        if (this.#stopped(syncError, "sync", file.name)) return;
        summary.endOffset += end - start;
        this.#inFlight = [];
        // Still busy: what they append in answer is gathered, and goes out together.
        for (const batch of batches) batch.done(null);
        this.#busy = false;
        this.#advance();
      });
    });
  }

  /** All that is in the present segment is durable by now, as recovery relies on. */
  #startSegment(): void {
    const before = this.#active;
    const needed = this.#writing.nextBytes;
    createSegment(this.#disk, before.summary, this.#tails, this.#segmentBytes, needed, (error, active) => {
      if (active === null) {
        this.#busy = false;
        return this.#fail(error);
      }
      this.#remover.push(before.summary);
      this.#active = active;
      before.file.close((closeError) => {
        if (this.#stopped(closeError, "close", before.file.name)) return;
        this.#busy = false;
        this.#advance();
        // The segment just left may be one that nobody needs.
        if (!this.#removing && this.#remover.isDue) this.#removeSegments();
      });
    });
  }

  #removeSegments(): void {
    this.#removing = true;
    this.#remover.removeOldest((error) => {
      this.#removing = false;
      if (error !== null || this.#failure !== null) return this.#fail(error);
      if (this.#remover.isDue) return this.#removeSegments();
      const waiting = this.#compactionsWaiting;
      this.#compactionsWaiting = [];
      for (const done of waiting) done(null);
      this.#closeIfIdle();
    });
  }

  #tailOf(group: number): GroupTail {
    let tail = this.#tails.get(group);
    if (tail === undefined) {
      tail = GroupTail.empty();
      this.#tails.set(group, tail);
    }
    return tail;
  }

  /** Ends a step of the writing; true when it must not go on, for it failed or something else did. */
  #stopped(error: Error | null, operation: string, name: string): boolean {
    if (error === null && this.#failure === null) return false;
    this.#busy = false;
    this.#fail(error === null ? null : new StorageFailedError(`${operation} ${name}`, error));
    return true;
  }

  /** The first failure is the one that counts. */
  #fail(error: Error | null): void {
    if (this.#failure === null && error !== null) {
      this.#failure = error;
      const rest = [this.#inFlight, this.#writing.take(Infinity), this.#gathering.take(Infinity)].flat();
      const waiting = [...rest.map(({ done }) => done), ...this.#compactionsWaiting];
      this.#inFlight = [];
      this.#compactionsWaiting = [];
      for (const done of waiting) done(error);
    }
    this.#closeIfIdle();
  }

  /** A completion must not come before the call has returned; an operation that changes nothing puts it off. */
  #later(done: Done): void {
    this.#active.file.size(() => {
      done(this.#failure);
    });
  }

  #closeIfIdle(): void {
    const done = this.#closing;
    if (done === null || this.#closed || this.#busy || this.#removing) return;
    if (this.#failure === null && !(this.#writing.isEmpty && this.#gathering.isEmpty)) return this.#advance();
    const { file, summary, sealed } = this.#active;
    this.#closed = true;
    const closeFile = (earlier: Error | null): void => {
      file.close((error) => {
        done(earlier ?? (error === null ? null : new StorageFailedError(`close ${file.name}`, error)));
      });
    };
    if (sealed || this.#failure !== null) return closeFile(this.#failure);
    file.write(summary.endOffset, sealAt(summary.endOffset), (writeError) => {
      if (writeError !== null) return closeFile(new StorageFailedError(`write ${file.name}`, writeError));
      file.sync((error) => {
        closeFile(error === null ? null : new StorageFailedError(`sync ${file.name}`, error));
      });
    });
  }
}
