import type { Completion, DiskFile, Done } from "../disk.js";
import { DamagedLogError } from "./damagedLogError.js";
import { segmentName } from "./fileName.js";
import { FilePieces } from "./filePieces.js";
import { claimedRecordBytes, readRecord, RECORD_HEADER_BYTES, type LogRecord } from "./logRecord.js";
import type { SegmentSummary } from "./recoveredLog.js";
import { claimedPreambleBytes, decodePreamble, type SegmentPreamble } from "./segmentPreamble.js";
import { StorageFailedError } from "./storageFailedError.js";

/** Takes what a scan finds, in order. `LogReplay` is one. */
export interface RecordTaker {
  /** @throws DamagedLogError */
  beginSegment(name: string, preamble: SegmentPreamble): SegmentSummary;
  /** Moves the end of the segment to behind the record. @throws DamagedLogError */
  takeRecord(segment: SegmentSummary, record: LogRecord, bytes: Uint8Array): void;
}

export interface ScannedSegment {
  readonly summary: SegmentSummary;
  readonly preamble: SegmentPreamble;
  readonly fileBytes: number;
  /** Bytes behind the last record, of one that is not whole. Looked for in the last segment only. */
  readonly tornBytes: number;
}

/**
 * Reads a segment, gives its records to `taker`, and finds out where they end.
 *
 * What a crash can do is bounded, and anything else is damage: it may leave the records unreadable that were written to
 * the last segment since its last sync, and nothing before them. One case can't be told from a torn tail: damage to the
 * batch that was synced last, when nothing has been written since (a seal, written when the log is opened or closed, leaves
 * that case to a crash without a restart).
 *
 * `done` may get `DamagedLogError`, `UnknownFormatError` or `StorageFailedError`.
 */
export function scanSegment(
  file: DiskFile,
  sequence: number,
  isLast: boolean,
  taker: RecordTaker,
  done: Completion<ScannedSegment | null>,
): void {
  file.size((error, sizeBytes) => {
    if (error !== null) return done(new StorageFailedError(`ask the size of ${file.name}`, error), null);
    new SegmentScan(new FilePieces(file, sizeBytes), sequence, isLast, taker, done).start();
  });
}

class SegmentScan {
  readonly #name: string;
  readonly #pieces: FilePieces;
  readonly #sequence: number;
  readonly #isLast: boolean;
  readonly #taker: RecordTaker;
  readonly #done: Completion<ScannedSegment | null>;

  constructor(
    pieces: FilePieces,
    sequence: number,
    isLast: boolean,
    taker: RecordTaker,
    done: Completion<ScannedSegment | null>,
  ) {
    this.#name = segmentName(sequence);
    this.#pieces = pieces;
    this.#sequence = sequence;
    this.#isLast = isLast;
    this.#taker = taker;
    this.#done = done;
  }

  start(): void {
    const pieces = this.#pieces;
    this.#load(0, 0, () => {
      const preambleBytes = claimedPreambleBytes(pieces.bytes);
      if (preambleBytes > pieces.sizeBytes || pieces.holds(0, preambleBytes)) return this.#begin();
      this.#load(0, preambleBytes, () => {
        this.#begin();
      });
    });
  }

  #begin(): void {
    const preamble = decodePreamble(this.#name, this.#pieces.bytes);
    if (preamble === null || preamble.sequence !== this.#sequence) {
      throw new DamagedLogError(this.#name, 0, "the beginning of the file can't be read, though it was durable");
    }
    this.#readRecords(preamble, this.#taker.beginSegment(this.#name, preamble));
  }

  #readRecords(preamble: SegmentPreamble, summary: SegmentSummary): void {
    const again = (): void => {
      this.#readRecords(preamble, summary);
    };
    for (;;) {
      const record = this.#recordAt(summary.endOffset, preamble, again);
      if (record === "being read") return;
      if (record === null) break;
      this.#taker.takeRecord(summary, record, this.#pieces.bytes);
    }
    // What stands behind the records of an earlier segment makes no difference: the next one says where they ended.
    if (this.#isLast) this.#measureTail(preamble, summary, summary.endOffset, summary.endOffset);
    else this.#end(preamble, summary, 0);
  }

  /** The record at `offset`, or null if there is none that is whole. Calls `again` when more of the file has been read. */
  #recordAt(offset: number, { nonce }: SegmentPreamble, again: () => void): LogRecord | "being read" | null {
    const pieces = this.#pieces;
    if (offset + RECORD_HEADER_BYTES > pieces.sizeBytes) return null;
    if (!pieces.holds(offset, RECORD_HEADER_BYTES)) {
      this.#load(offset, RECORD_HEADER_BYTES, again);
      return "being read";
    }
    const length = claimedRecordBytes(pieces.bytes, offset - pieces.start, offset, pieces.sizeBytes, nonce);
    if (length === 0) return null;
    if (!pieces.holds(offset, length)) {
      this.#load(offset, length, again);
      return "being read";
    }
    return readRecord(pieces.bytes, offset - pieces.start, length, nonce);
  }

  /** Looks for bytes that aren't zero, from `from` to the end of the file; up to `tornEnd` there are some. */
  #measureTail(preamble: SegmentPreamble, summary: SegmentSummary, from: number, tornEnd: number): void {
    const pieces = this.#pieces;
    if (from === pieces.sizeBytes) {
      if (tornEnd === summary.endOffset) this.#end(preamble, summary, 0);
      else this.#seekProof(preamble, summary, summary.endOffset + 1, tornEnd);
      return;
    }
    if (!pieces.holds(from, 1)) {
      this.#load(from, 1, () => {
        this.#measureTail(preamble, summary, from, tornEnd);
      });
      return;
    }
    const { bytes, start } = pieces;
    const nonZeroEnd = start + lastNonZero(bytes, from - start);
    this.#measureTail(preamble, summary, start + bytes.length, nonZeroEnd > from ? nonZeroEnd : tornEnd);
  }

  /**
   * Looks for a whole record, from `from` on, that shows the segment durable beyond the last record that can be read. Where
   * there is one, what lies between is damage; else it was written since the last sync, and torn.
   */
  #seekProof(preamble: SegmentPreamble, summary: SegmentSummary, from: number, tornEnd: number): void {
    for (let offset = from; offset < tornEnd; offset++) {
      const record = this.#recordAt(offset, preamble, () => {
        this.#seekProof(preamble, summary, offset, tornEnd);
      });
      if (record === "being read") return;
      if (record !== null && record.durableOffset > summary.endOffset) {
        const what = `the record can't be read, though the one at byte ${String(offset)} shows that it was durable`;
        throw new DamagedLogError(this.#name, summary.endOffset, what);
      }
    }
    this.#end(preamble, summary, tornEnd - summary.endOffset);
  }

  #end(preamble: SegmentPreamble, summary: SegmentSummary, tornBytes: number): void {
    const fileBytes = this.#pieces.sizeBytes;
    if (fileBytes < preamble.capacity) {
      const what = `the file ends here, and was made ${String(preamble.capacity)} bytes long`;
      throw new DamagedLogError(this.#name, fileBytes, what);
    }
    this.#done(null, { summary, preamble, fileBytes, tornBytes });
  }

  /** Reads on, then goes on with `next`, which may throw what is wrong with the bytes. */
  #load(offset: number, length: number, next: () => void): void {
    const loaded: Done = (error) => {
      if (error !== null) return this.#done(error, null);
      try {
        next();
      } catch (failure) {
        this.#done(failure as Error, null);
      }
    };
    this.#pieces.load(offset, length, loaded);
  }
}

/** The position behind the last byte from `from` on that isn't zero; `from` when all are. */
function lastNonZero(bytes: Uint8Array, from: number): number {
  let end = bytes.length;
  while (end > from && ((bytes.byteOffset + end) & 3) !== 0 && bytes[end - 1] === 0) end--;
  if (((bytes.byteOffset + end) & 3) === 0) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + end - ((end - from) & ~3), (end - from) >> 2);
    let word = words.length;
    while (word > 0 && words[word - 1] === 0) word--;
    end -= (words.length - word) * 4;
  }
  while (end > from && bytes[end - 1] === 0) end--;
  return end;
}
