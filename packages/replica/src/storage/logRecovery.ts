import type { Completion, Disk, DiskFile, Done } from "../disk.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import type { ActiveSegment } from "./activeSegment.js";
import { DamagedLogError } from "./damagedLogError.js";
import { segmentName, segmentSequence } from "./fileName.js";
import { LogReplay } from "./logReplay.js";
import { beginRecord, completeRecord, RECORD_HEADER_BYTES, RECORD_SEAL } from "./logRecord.js";
import type { SegmentSummary } from "./recoveredLog.js";
import { StorageFailedError } from "./storageFailedError.js";

/** `active` is null when there is no segment to go on with. */
export interface LogRecovered {
  readonly replay: LogReplay;
  readonly active: ActiveSegment | null;
}

/**
 * Reads the whole log and makes it fit to be written again. What it reports is durable when it ends: the process before
 * may have written it and died before its sync, while the operating system lived on.
 */
export function recoverLog(disk: Disk, done: Completion<LogRecovered | null>): void {
  new LogRecovery(disk, done).start();
}

class LogRecovery {
  readonly #disk: Disk;
  readonly #done: Completion<LogRecovered | null>;
  readonly #replay = new LogReplay();
  #sequences: readonly number[] = [];
  #file: DiskFile | null = null;
  #fileSize = 0;

  constructor(disk: Disk, done: Completion<LogRecovered | null>) {
    this.#disk = disk;
    this.#done = done;
  }

  start(): void {
    this.#disk.list((error, names) => {
      if (error !== null) return this.#fail(new StorageFailedError("list the data directory", error));
      this.#sequences = names.map(segmentSequence).filter((sequence) => sequence !== null);
      for (const [i, sequence] of this.#sequences.entries()) {
        const expected = (this.#sequences[0] as number) + i;
        if (sequence !== expected) {
          return this.#fail(new DamagedLogError(segmentName(expected), 0, "the file is missing"));
        }
      }
      this.#readSegment(0);
    });
  }

  #readSegment(position: number): void {
    const sequence = this.#sequences[position];
    if (sequence === undefined) return this.#makeWritable();
    const name = segmentName(sequence);
    this.#disk.open(name, false, (openError, file) => {
      if (openError !== null) return this.#fail(new StorageFailedError(`open ${name}`, openError));
      this.#file = file;
      file.size((sizeError, size) => {
        if (sizeError !== null) return this.#fail(new StorageFailedError(`ask the size of ${name}`, sizeError));
        this.#fileSize = size;
        file.read(0, size, (readError, bytes) => {
          if (readError !== null) return this.#fail(new StorageFailedError(`read ${name}`, readError));
          this.#takeSegment(position, sequence, bytes);
        });
      });
    });
  }

  #takeSegment(position: number, sequence: number, bytes: Uint8Array): void {
    const isLast = position === this.#sequences.length - 1;
    try {
      this.#replay.take(sequence, bytes, isLast);
    } catch (error) {
      return this.#fail(error as Error);
    }
    if (isLast && !this.#replay.tornCreation) return this.#makeWritable();
    this.#closeFile((error) => {
      if (error !== null) return this.#fail(new StorageFailedError(`close ${segmentName(sequence)}`, error));
      if (isLast) this.#removeTornSegment(sequence);
      else this.#readSegment(position + 1);
    });
  }

  /** It goes for good before the segment in front of it may grow, with which it would no longer agree. */
  #removeTornSegment(sequence: number): void {
    const name = segmentName(sequence);
    const before = this.#replay.segments.at(-1);
    this.#disk.remove(name, (error) => {
      if (error !== null) return this.#fail(new StorageFailedError(`remove ${name}`, error));
      if (before === undefined) return this.#makeWritable();
      this.#disk.open(before.name, false, (openError, file) => {
        if (openError !== null) return this.#fail(new StorageFailedError(`open ${before.name}`, openError));
        this.#file = file;
        file.size((sizeError, size) => {
          if (sizeError !== null)
            return this.#fail(new StorageFailedError(`ask the size of ${before.name}`, sizeError));
          this.#fileSize = size;
          this.#makeWritable();
        });
      });
    });
  }

  #makeWritable(): void {
    this.#disk.syncDirectory((error) => {
      if (error !== null) return this.#fail(new StorageFailedError("sync the data directory", error));
      const summary = this.#replay.segments.at(-1);
      if (this.#file === null || summary === undefined) return this.#done(null, { replay: this.#replay, active: null });
      this.#cutTornTail(this.#file, summary);
    });
  }

  /** Zeros replace the torn bytes durably, so that none of them can come back to life behind a record yet to be written. */
  #cutTornTail(file: DiskFile, summary: SegmentSummary): void {
    const finish = (): void => {
      this.#sync(file, () => {
        this.#seal(file, summary);
      });
    };
    if (this.#replay.tornBytes === 0) return finish();
    file.resize(summary.endOffset, (cutError) => {
      if (cutError !== null) return this.#fail(new StorageFailedError(`cut ${file.name}`, cutError));
      file.resize(this.#fileSize, (error) => {
        if (error !== null) return this.#fail(new StorageFailedError(`extend ${file.name}`, error));
        finish();
      });
    });
  }

  /** Proves all records so far, so that damage to them is found from now on. */
  #seal(file: DiskFile, summary: SegmentSummary): void {
    const capacity = this.#fileSize;
    const room = summary.endOffset + RECORD_HEADER_BYTES <= capacity;
    if (!this.#replay.endUnproven || !room) {
      return this.#done(null, { replay: this.#replay, active: { file, summary, capacity, sealed: true } });
    }
    file.write(summary.endOffset, sealAt(summary.endOffset), (error) => {
      if (error !== null) return this.#fail(new StorageFailedError(`write ${file.name}`, error));
      this.#sync(file, () => {
        summary.endOffset += RECORD_HEADER_BYTES;
        this.#done(null, { replay: this.#replay, active: { file, summary, capacity, sealed: true } });
      });
    });
  }

  #sync(file: DiskFile, next: () => void): void {
    file.sync((error) => {
      if (error !== null) this.#fail(new StorageFailedError(`sync ${file.name}`, error));
      else next();
    });
  }

  #closeFile(done: Done): void {
    const file = this.#file as DiskFile;
    this.#file = null;
    file.close(done);
  }

  #fail(error: Error): void {
    if (this.#file === null) return this.#done(error, null);
    // Whether the close succeeds makes no difference: nothing is going to be done with the file.
    this.#closeFile(() => {
      this.#done(error, null);
    });
  }
}

/** A seal to be written at this offset, to where the segment is durable. */
export function sealAt(offset: number): Uint8Array {
  const writer = new ByteWriter(RECORD_HEADER_BYTES);
  beginRecord(writer, RECORD_SEAL, 0);
  const seal = writer.finish();
  completeRecord(seal, 0, seal.length, offset, offset);
  return seal;
}
