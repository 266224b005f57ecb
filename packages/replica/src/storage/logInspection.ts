import type { Persist } from "@balsa/core";
import type { Completion, Disk, DiskFile, Done } from "../disk.js";
import { DamagedLogError } from "./damagedLogError.js";
import { segmentName, segmentSequence } from "./fileName.js";
import type { LogRecord } from "./logRecord.js";
import { LogReplay } from "./logReplay.js";
import type { RecoveredGroup, SegmentSummary } from "./recoveredLog.js";
import { findRecordsBehind, type GroupBehind } from "./recordsBehind.js";
import type { SegmentPreamble } from "./segmentPreamble.js";
import { scanSegment, type RecordTaker } from "./segmentScan.js";
import { StorageFailedError } from "./storageFailedError.js";

export interface InspectedRecord {
  /** Where in the segment it stands, in bytes. */
  readonly offset: number;
  readonly sizeBytes: number;
  readonly group: number;
  /** What was made durable together; null for a seal, which says that all before it is durable. */
  readonly batch: Persist | null;
}

export interface InspectedSegment {
  readonly name: string;
  readonly sequence: number;
  /** How long the file was made. */
  readonly capacity: number;
  /** Where its whole records end. */
  readonly endOffset: number;
  /** What stood before the segment, group by group: the last entry, of which term. */
  readonly before: readonly { readonly group: number; readonly lastIndex: number; readonly lastTerm: number }[];
  readonly records: readonly InspectedRecord[];
}

export interface LogDamage {
  readonly error: DamagedLogError;
  /** Whether a record is whole and yet says what can't be: no disk does that, but a program that is wrong. */
  readonly isNonsense: boolean;
  /** What can still be read behind the damage. It does not count, for what stood before it is gone. */
  readonly behind: readonly GroupBehind[];
}

export interface LogInspection {
  /** What the log says, as far as it can be read. */
  readonly groups: ReadonlyMap<number, RecoveredGroup>;
  readonly segments: number;
  /** The number of the last segment's file; 0 where there is none. */
  readonly lastSequence: number;
  /** Bytes at the end that a crash left half-written. Nobody was told that they are durable. */
  readonly tornBytes: number;
  readonly damage: LogDamage | null;
}

/** Takes a segment, then calls `next`. */
export type SegmentVisitor = (segment: InspectedSegment, next: () => void) => void;

/**
 * Reads a log as a member does when it starts, tells of all that is in it, and where damage begins. Changes nothing.
 *
 * `done` may get `UnknownFormatError` or `StorageFailedError`.
 */
export function inspectLog(disk: Disk, visit: SegmentVisitor, done: Completion<LogInspection | null>): void {
  disk.list((error, names) => {
    if (error !== null) return done(new StorageFailedError("list the data directory", error), null);
    const sequences = names.map(segmentSequence).filter((sequence) => sequence !== null);
    new Inspection(disk, sequences, visit, done).readSegment(0);
  });
}

class Inspection implements RecordTaker {
  readonly #disk: Disk;
  readonly #sequences: readonly number[];
  readonly #visit: SegmentVisitor;
  readonly #done: Completion<LogInspection | null>;
  readonly #replay = new LogReplay();
  #preamble: SegmentPreamble | null = null;
  #records: InspectedRecord[] = [];

  constructor(disk: Disk, sequences: readonly number[], visit: SegmentVisitor, done: Completion<LogInspection | null>) {
    this.#disk = disk;
    this.#sequences = sequences;
    this.#visit = visit;
    this.#done = done;
  }

  beginSegment(name: string, preamble: SegmentPreamble): SegmentSummary {
    const summary = this.#replay.beginSegment(name, preamble);
    this.#preamble = preamble;
    this.#records = [];
    return summary;
  }

  takeRecord(segment: SegmentSummary, record: LogRecord, bytes: Uint8Array): void {
    const offset = segment.endOffset;
    const batch = this.#replay.takeRecord(segment, record, bytes);
    this.#records.push({ offset, sizeBytes: segment.endOffset - offset, group: record.group, batch });
  }

  readSegment(position: number, tornBytes = 0): void {
    const sequence = this.#sequences[position];
    if (sequence === undefined) return this.#end(tornBytes, null);
    const expected = (this.#sequences[0] as number) + position;
    const name = segmentName(sequence);
    if (sequence !== expected) {
      return this.#damaged(new DamagedLogError(segmentName(expected), 0, "the file is missing"), position);
    }
    const isLast = position === this.#sequences.length - 1;
    this.#disk.open(name, false, (openError, file) => {
      if (openError !== null) return this.#done(new StorageFailedError(`open ${name}`, openError), null);
      this.#preamble = null;
      scanSegment(file, sequence, isLast, this, (error, scanned) => {
        this.#close(file, () => {
          if (error instanceof DamagedLogError) return this.#tell(() => this.#damaged(error, position));
          if (error !== null) return this.#done(error, null);
          this.#tell(() => this.readSegment(position + 1, scanned?.tornBytes ?? 0));
        });
      });
    });
  }

  /** Tells of the segment that was read, if its beginning made sense. */
  #tell(next: () => void): void {
    const preamble = this.#preamble;
    const summary = this.#replay.segments.at(-1);
    if (preamble === null || summary?.sequence !== preamble.sequence) return next();
    const records = this.#records;
    this.#records = [];
    const { name, sequence, endOffset } = summary;
    const before = [...preamble.tails]
      .filter(([, tail]) => tail.lastIndex > 0 || tail.hardState.term > 0)
      .map(([group, { lastIndex, lastTerm }]) => ({ group, lastIndex, lastTerm }));
    this.#visit({ name, sequence, capacity: preamble.capacity, endOffset, before, records }, next);
  }

  #damaged(error: DamagedLogError, position: number): void {
    const last = this.#replay.segments.at(-1);
    // That a segment ended too early shows only when the next one begins.
    const isEarlier = last?.name === error.file && last.sequence !== this.#sequences[position];
    const rest = this.#sequences.slice(isEarlier ? position - 1 : position).map((sequence) => ({
      name: segmentName(sequence),
      from: last?.sequence === sequence ? last.endOffset : 0,
    }));
    findRecordsBehind(this.#disk, rest, (failure, behind) => {
      if (failure !== null) return this.#done(failure, null);
      this.#end(0, { error, isNonsense: error.cause !== undefined, behind });
    });
  }

  #close(file: DiskFile, next: () => void): void {
    const closed: Done = (error) => {
      if (error === null) next();
      else this.#done(new StorageFailedError(`close ${file.name}`, error), null);
    };
    file.close(closed);
  }

  #end(tornBytes: number, damage: LogDamage | null): void {
    const { groups, segments } = this.#replay;
    const lastSequence = this.#sequences.at(-1) ?? 0;
    this.#done(null, { groups, segments: segments.length, lastSequence, tornBytes, damage });
  }
}
