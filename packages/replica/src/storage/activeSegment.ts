import type { Completion, Disk, DiskFile } from "../disk.js";
import { segmentName, SPARE_NAME } from "./fileName.js";
import type { GroupTail } from "./groupTail.js";
import { inTurn, type DiskStep } from "./inTurn.js";
import { RECORD_HEADER_BYTES } from "./logRecord.js";
import type { SegmentSummary } from "./recoveredLog.js";
import type { RecordNonce } from "./recordNonce.js";
import { encodePreamble } from "./segmentPreamble.js";
import { StorageFailedError } from "./storageFailedError.js";
import { writeAndSync } from "./writeAndSync.js";

/** The segment that is being written. */
export interface ActiveSegment {
  readonly file: DiskFile;
  readonly summary: SegmentSummary;
  readonly nonce: RecordNonce;
  /** Size of the file; a seal always has room in it. */
  readonly capacity: number;
  /** Whether the last record in it is a seal, or there is none. */
  sealed: boolean;
}

/** What a new segment follows, and what it is to be like. */
export interface SegmentPlan {
  readonly before: SegmentSummary | null;
  /** The number of its file, where there is none before it. */
  readonly firstSequence: number;
  readonly tails: ReadonlyMap<number, GroupTail>;
  readonly nonce: RecordNonce;
  /** Size of the spare file that it is made from. */
  readonly spareBytes: number;
  /** There is room for a first record of this length. */
  readonly recordBytes: number;
}

/**
 * Makes the spare file the segment that follows. It gets the name of a segment only when its preamble is durable, so a
 * segment whose preamble can't be read is damaged, whatever crash there was; and it gets a record only when its name is.
 */
export function startSegment(disk: Disk, plan: SegmentPlan, done: Completion<ActiveSegment | null>): void {
  const { before, tails, nonce, spareBytes, recordBytes } = plan;
  const sequence = before === null ? plan.firstSequence : before.sequence + 1;
  const name = segmentName(sequence);
  const preamble = encodePreamble(
    { sequence, previousEndOffset: before === null ? 0 : before.endOffset, nonce, tails },
    (preambleBytes) => Math.max(spareBytes, preambleBytes + recordBytes + RECORD_HEADER_BYTES),
  );
  const { bytes, capacity } = preamble;
  disk.open(SPARE_NAME, false, (openError, file) => {
    if (openError !== null) return done(new StorageFailedError(`open ${SPARE_NAME}`, openError), null);
    const preparation: DiskStep[] = [];
    if (capacity > spareBytes) {
      preparation.push([`reserve ${String(capacity)} bytes for ${name}`, (next) => file.resize(capacity, next)]);
    }
    preparation.push([`write ${SPARE_NAME}`, (next) => writeAndSync(file, 0, bytes, next)]);
    inTurn(preparation, (error) => {
      // No file is renamed while it is open, for some systems don't allow that.
      file.close((closeError) => {
        if (error !== null) return done(error, null);
        if (closeError !== null) return done(new StorageFailedError(`close ${SPARE_NAME}`, closeError), null);
        giveName(disk, name, (nameError, named) => {
          if (nameError !== null || named === null) return done(nameError, null);
          const summary = { sequence, name, endOffset: bytes.length, highestIndex: new Map<number, number>() };
          done(null, { file: named, summary, nonce, capacity, sealed: true });
        });
      });
    });
  });
}

function giveName(disk: Disk, name: string, done: Completion<DiskFile | null>): void {
  inTurn(
    [
      [`rename ${SPARE_NAME} to ${name}`, (next) => disk.rename(SPARE_NAME, name, next)],
      ["sync the data directory", (next) => disk.syncDirectory(next)],
    ],
    (error) => {
      if (error !== null) return done(error, null);
      disk.open(name, false, (openError, file) => {
        if (openError !== null) done(new StorageFailedError(`open ${name}`, openError), null);
        else done(null, file);
      });
    },
  );
}
