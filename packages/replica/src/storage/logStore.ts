import { invariant, type Persist } from "@balsa/core";
import type { Completion, Disk, Done } from "../disk.js";
import { startSegment, type ActiveSegment } from "./activeSegment.js";
import { GroupTail } from "./groupTail.js";
import { LogGather, type GatheredBatch } from "./logGather.js";
import { completeRecord, RECORD_HEADER_BYTES } from "./logRecord.js";
import { recoverLog, sealAt } from "./logRecovery.js";
import { completeLogStoreOptions, type LogStoreOptions } from "./logStoreOptions.js";
import { noteHighest, type RecoveredLog, type SegmentSummary } from "./recoveredLog.js";
import { drawNonce } from "./recordNonce.js";
import type { ReplicaLog } from "./replicaLog.js";
import { SegmentRemover } from "./segmentRemover.js";
import { SpareSegment } from "./spareSegment.js";
import { StorageFailedError } from "./storageFailedError.js";
import { writeAndSync } from "./writeAndSync.js";

/** While the disk has no room, it is asked again after every such part of a segment that was written. */
const ATTEMPTS_PER_SEGMENT = 16;

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
 *
 * The file of the next segment is made ahead. Where the disk has no room for it, the log goes on in the present one, and
 * `isFull` tells in time to take nothing more on; only a batch that has no room there either makes the log fail.
 */
export class LogStore implements ReplicaLog {
  /** Called when `isFull` has changed, from within a completion of the disk. */
  onFullChanged: (isFull: boolean) => void = () => undefined;
  readonly #disk: Disk;
  readonly #options: Required<LogStoreOptions>;
  readonly #tails: Map<number, GroupTail>;
  readonly #remover: SegmentRemover;
  readonly #spare: SpareSegment;
  #active: ActiveSegment;
  #gathering = new LogGather();
  #writing = new LogGather();
  /** Batches whose bytes are being written. */
  #inFlight: readonly GatheredBatch[] = [];
  #busy = false;
  /** The next segment is to be started as soon as its file is there. */
  #segmentDue = false;
  #removing = false;
  #compactionsWaiting: Done[] = [];
  /** Bytes written since the disk was last asked for room. */
  #writtenSinceAttempt = 0;
  /** The last attempt to make a spare file ended without room for it. */
  #lacksRoom = false;
  #toldFull = false;
  #failure: Error | null = null;
  #closing: Done | null = null;
  #closed = false;

  private constructor(
    disk: Disk,
    options: Required<LogStoreOptions>,
    tails: Map<number, GroupTail>,
    segments: readonly SegmentSummary[],
    active: ActiveSegment,
  ) {
    this.#disk = disk;
    this.#options = options;
    this.#tails = tails;
    this.#remover = new SegmentRemover(
      disk,
      segments.filter((segment) => segment !== active.summary),
    );
    this.#spare = new SpareSegment(disk, options.segmentBytes, (error) => {
      this.#spareEnded(error);
    });
    this.#active = active;
  }

  /**
   * Reads what is there, cuts off a torn tail and makes the log ready to be written.
   *
   * `done` gets `DamagedLogError` when what was durable is missing or changed, `UnknownFormatError` for a log of another
   * version, `StorageFailedError` when the disk fails.
   * @throws InvalidOptionError
   */
  static open(disk: Disk, given: LogStoreOptions, done: Completion<OpenedLog | null>): void {
    const options = completeLogStoreOptions(given);
    recoverLog(disk, (error, log) => {
      if (error !== null || log === null) return done(error, null);
      const { replay, tornBytes } = log;
      const { tails, groups, segments } = replay;
      const isNew = segments.length === 0;
      const finish = (active: ActiveSegment): void => {
        const store = new LogStore(disk, options, tails, segments, active);
        done(null, { store, recovered: { groups, tornBytes }, isNew });
      };
      if (log.active !== null) return finish(log.active);
      const spareBytes = options.segmentBytes;
      const spare = new SpareSegment(disk, spareBytes, (spareError) => {
        const failure = spareError ?? spare.lackOfRoom;
        if (failure !== null) return done(failure, null);
        spare.take();
        const nonce = drawNonce(options.random);
        const { firstSequence } = options;
        const plan = { before: null, firstSequence, tails, nonce, spareBytes, recordBytes: 0 };
        startSegment(disk, plan, (startError, active) => {
          if (active === null) done(startError, null);
          else finish(active);
        });
      });
      spare.prepare();
    });
  }

  /**
   * There is no room for another segment, and no more than a reserve is left in the present one: nothing should be proposed
   * until there is room. What must be stored all the same, such as a vote, still finds some.
   */
  get isFull(): boolean {
    return !this.hasRoomFor(0);
  }

  /** Whether so many bytes of records can be taken on, on top of all that was appended, without touching the reserve. */
  hasRoomFor(bytes: number): boolean {
    return !this.#lacksRoom || this.#roomBytes - bytes >= this.#options.reserveBytes;
  }

  /**
   * Asks the disk for room again, if it had none; `onFullChanged` tells when it has. The log does so by itself when it is
   * appended to or compacted, but not while nothing happens. Not to be called more often than an attempt is worth.
   */
  seekRoom(): void {
    if (this.#failure !== null || this.#closing !== null || this.#closed) return;
    if (this.#spare.state === "lacksRoom") this.#prepareSpare();
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
    this.gather(group, persist, done);
    this.flush();
  }

  /** As `append`, but for whoever has more to append: it is written with the next `flush`, which must come soon. */
  gather(group: number, persist: Persist, done: Done): void {
    invariant(this.#closing === null && !this.#closed, "nothing is appended to a log that is closed");
    if (this.#failure !== null) return this.#later(done);
    this.#gathering.add(group, persist, this.#remover.compactedIndex(group), done);
  }

  /** Has what was gathered written. */
  flush(): void {
    if (this.#failure !== null || this.#gathering.isEmpty) return;
    this.#keepSpare();
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

  /** The groups because of which the oldest segment that is no longer written can't go yet; none where there is no such. */
  get groupsInOldestSegment(): readonly number[] {
    return this.#remover.groupsInOldest;
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
    const batches = this.#writing.take(this.#freeBytes);
    if (batches.length === 0) this.#startSegment();
    else this.#write(batches);
  }

  #write(batches: readonly GatheredBatch[]): void {
    const { file, summary, nonce } = this.#active;
    const durableOffset = summary.endOffset;
    const bytes = this.#writing.bytes;
    const start = (batches[0] as GatheredBatch).start;
    const end = (batches.at(-1) as GatheredBatch).end;
    for (const batch of batches) {
      completeRecord(bytes, batch.start, batch.end, durableOffset + batch.start - start, durableOffset, nonce);
      const tail = this.#tailOf(batch.group);
      tail.apply(batch.persist);
      tail.forget(batch.compactedIndex);
      noteHighest(summary, batch.group, batch.persist.entries);
    }
    this.#inFlight = batches;
    this.#active.sealed = false;
    writeAndSync(file, durableOffset, bytes.subarray(start, end), (error) => {
      if (this.#stopped(error)) return;
      summary.endOffset += end - start;
      this.#writtenSinceAttempt += end - start;
      this.#inFlight = [];
      this.#noteRoom();
      // Still busy: what they append in answer is gathered, and goes out together.
      for (const batch of batches) batch.done(null);
      this.#busy = false;
      this.#advance();
    });
  }

  /** All that is in the present segment is durable by now, as recovery relies on. */
  #startSegment(): void {
    const { state, sizeBytes } = this.#spare;
    if (state !== "ready") {
      // Without room it is tried once more, for now it is this or nothing.
      this.#segmentDue = true;
      if (state !== "preparing") this.#prepareSpare();
      return;
    }
    this.#spare.take();
    const before = this.#active;
    const nonce = drawNonce(this.#options.random);
    const recordBytes = this.#writing.nextBytes;
    const { firstSequence } = this.#options;
    const summary = before.summary;
    const plan = { before: summary, firstSequence, tails: this.#tails, nonce, spareBytes: sizeBytes, recordBytes };
    startSegment(this.#disk, plan, (error, active) => {
      if (active === null) return void this.#stopped(error);
      this.#remover.push(before.summary);
      this.#active = active;
      before.file.close((closeError) => {
        const name = before.summary.name;
        if (this.#stopped(closeError && new StorageFailedError(`close ${name}`, closeError))) return;
        if (this.#closing === null) this.#prepareSpare();
        this.#busy = false;
        this.#advance();
        // The segment just left may be one that nobody needs.
        if (!this.#removing && this.#remover.isDue) this.#removeSegments();
      });
    });
  }

  /** Has a spare file made where there is none; where there was no room for one, not every time. */
  #keepSpare(): void {
    const { state, sizeBytes } = this.#spare;
    const isWorthAnAttempt = this.#toldFull || this.#writtenSinceAttempt >= sizeBytes / ATTEMPTS_PER_SEGMENT;
    // While the log is busy with a new segment, that sees to its spare itself.
    if ((state === "absent" && !this.#busy) || (state === "lacksRoom" && isWorthAnAttempt)) this.#prepareSpare();
  }

  #prepareSpare(): void {
    this.#writtenSinceAttempt = 0;
    this.#spare.prepare();
  }

  #spareEnded(error: Error | null): void {
    const isDue = this.#segmentDue;
    this.#segmentDue = false;
    if (error !== null || this.#failure !== null) {
      if (isDue) this.#busy = false;
      return this.#fail(error);
    }
    this.#lacksRoom = this.#spare.state === "lacksRoom";
    this.#noteRoom();
    if (!isDue) return this.#closeIfIdle();
    if (this.#spare.state === "ready") return this.#startSegment();
    this.#busy = false;
    this.#fail(this.#spare.lackOfRoom);
  }

  /** What still fits into the present segment, behind the records that are durable. */
  get #freeBytes(): number {
    return this.#active.capacity - RECORD_HEADER_BYTES - this.#active.summary.endOffset;
  }

  get #roomBytes(): number {
    const inFlightBytes = this.#inFlight.reduce((sum, { start, end }) => sum + end - start, 0);
    return this.#freeBytes - inFlightBytes - this.#writing.waitingBytes - this.#gathering.waitingBytes;
  }

  #noteRoom(): void {
    const { isFull } = this;
    if (isFull === this.#toldFull || this.#closing !== null) return;
    this.#toldFull = isFull;
    this.onFullChanged(isFull);
  }

  #removeSegments(): void {
    this.#removing = true;
    this.#remover.removeOldest((error) => {
      this.#removing = false;
      if (error !== null || this.#failure !== null) return this.#fail(error);
      this.seekRoom();
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
  #stopped(error: Error | null): boolean {
    if (error === null && this.#failure === null) return false;
    this.#busy = false;
    this.#fail(error);
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
    if (done === null || this.#closed || this.#busy || this.#removing || this.#spare.state === "preparing") return;
    if (this.#failure === null && !(this.#writing.isEmpty && this.#gathering.isEmpty)) return this.#advance();
    const { file, summary, nonce, sealed } = this.#active;
    this.#closed = true;
    const closeFile = (earlier: Error | null): void => {
      file.close((error) => {
        done(earlier ?? (error === null ? null : new StorageFailedError(`close ${file.name}`, error)));
      });
    };
    if (sealed || this.#failure !== null) closeFile(this.#failure);
    else writeAndSync(file, summary.endOffset, sealAt(summary.endOffset, nonce), closeFile);
  }
}
