import type { Completion, Disk, DiskFile, Done } from "../disk.js";
import { ByteWriter } from "../encoding/byteWriter.js";
import type { ActiveSegment } from "./activeSegment.js";
import { DamagedLogError } from "./damagedLogError.js";
import { segmentName, segmentSequence, SPARE_NAME } from "./fileName.js";
import { inTurn, type DiskStep } from "./inTurn.js";
import { beginRecord, completeRecord, RECORD_HEADER_BYTES, RECORD_SEAL } from "./logRecord.js";
import { LogReplay } from "./logReplay.js";
import type { RecordNonce } from "./recordNonce.js";
import { scanSegment, type ScannedSegment } from "./segmentScan.js";
import { StorageFailedError } from "./storageFailedError.js";
import { writeAndSync } from "./writeAndSync.js";

/** Torn bytes are written over with so many zeros at once. */
const ZEROS_BYTES = 256 * 1024;

/** `active` is null when there is no segment to go on with. */
export interface LogRecovered {
  readonly replay: LogReplay;
  readonly active: ActiveSegment | null;
  /** Bytes at the end, of records that a crash left half-written. */
  readonly tornBytes: number;
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
  #hasSpare = false;
  #sequences: readonly number[] = [];
  #file: DiskFile | null = null;

  constructor(disk: Disk, done: Completion<LogRecovered | null>) {
    this.#disk = disk;
    this.#done = done;
  }

  start(): void {
    this.#disk.list((error, names) => {
      if (error !== null) return this.#fail(new StorageFailedError("list the data directory", error));
      this.#hasSpare = names.includes(SPARE_NAME);
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
    if (sequence === undefined) return this.#makeWritable(null);
    const name = segmentName(sequence);
    const isLast = position === this.#sequences.length - 1;
    this.#disk.open(name, false, (openError, file) => {
      if (openError !== null) return this.#fail(new StorageFailedError(`open ${name}`, openError));
      this.#file = file;
      scanSegment(file, sequence, isLast, this.#replay, (error, scanned) => {
        if (error !== null) return this.#fail(error);
        if (isLast) return this.#makeWritable(scanned);
        this.#closeFile((closeError) => {
          if (closeError !== null) return this.#fail(new StorageFailedError(`close ${name}`, closeError));
          this.#readSegment(position + 1);
        });
      });
    });
  }

  /** A spare file goes, in whatever state it is: none of it was ever part of the log. */
  #makeWritable(last: ScannedSegment | null): void {
    const steps: DiskStep[] = [];
    if (this.#hasSpare) steps.push([`remove ${SPARE_NAME}`, (next) => this.#disk.remove(SPARE_NAME, next)]);
    steps.push(["sync the data directory", (next) => this.#disk.syncDirectory(next)]);
    const file = this.#file;
    if (file !== null && last !== null) steps.push(...cutTornTail(file, last), ...this.#seal(file, last));
    inTurn(steps, (error) => {
      if (error !== null) return this.#fail(error);
      const replay = this.#replay;
      if (file === null || last === null) return this.#done(null, { replay, active: null, tornBytes: 0 });
      const { summary, preamble, fileBytes, tornBytes } = last;
      const active = { file, summary, nonce: preamble.nonce, capacity: fileBytes, sealed: true };
      this.#done(null, { replay, active, tornBytes });
    });
  }

  /** Proves all records so far, so that damage to them is found from now on. */
  #seal(file: DiskFile, { summary, preamble, fileBytes }: ScannedSegment): readonly DiskStep[] {
    const hasRoom = summary.endOffset + RECORD_HEADER_BYTES <= fileBytes;
    if (!this.#replay.endUnproven || !hasRoom) return [];
    const seal = sealAt(summary.endOffset, preamble.nonce);
    const write = (next: Done): void => {
      writeAndSync(file, summary.endOffset, seal, (error) => {
        if (error === null) summary.endOffset += seal.length;
        next(error);
      });
    };
    return [[`seal ${file.name}`, write]];
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

/**
 * Zeros replace the torn bytes durably, so that none of them can come back to life behind a record yet to be written. They
 * are written over rather than cut off, which would give up space that a full disk does not give back.
 */
function cutTornTail(file: DiskFile, { summary, tornBytes }: ScannedSegment): readonly DiskStep[] {
  const steps: DiskStep[] = [];
  for (let cut = 0; cut < tornBytes; cut += ZEROS_BYTES) {
    const offset = summary.endOffset + cut;
    const zeros = new Uint8Array(Math.min(ZEROS_BYTES, tornBytes - cut));
    steps.push([`write ${file.name}`, (next) => file.write(offset, zeros, next)]);
  }
  return [...steps, [`sync ${file.name}`, (next) => file.sync(next)]];
}

/** A seal to be written at this offset, to where the segment is durable. */
export function sealAt(offset: number, nonce: RecordNonce): Uint8Array {
  const writer = new ByteWriter(RECORD_HEADER_BYTES);
  beginRecord(writer, RECORD_SEAL, 0);
  const seal = writer.finish();
  completeRecord(seal, 0, seal.length, offset, offset, nonce);
  return seal;
}
