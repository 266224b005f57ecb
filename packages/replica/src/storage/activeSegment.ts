import type { Completion, Disk, DiskFile } from "../disk.js";
import { segmentName } from "./fileName.js";
import type { GroupTail } from "./groupTail.js";
import { inTurn } from "./inTurn.js";
import { RECORD_HEADER_BYTES } from "./logRecord.js";
import type { SegmentSummary } from "./recoveredLog.js";
import { encodePreamble } from "./segmentPreamble.js";
import { StorageFailedError } from "./storageFailedError.js";

/** The segment that is being written. */
export interface ActiveSegment {
  readonly file: DiskFile;
  readonly summary: SegmentSummary;
  /** Size of the file; a seal always has room in it. */
  readonly capacity: number;
  /** Whether the last record in it is a seal, or there is none. */
  sealed: boolean;
}

/**
 * Creates the segment after `before`, with room for a first record of `recordBytes`. It is durable when this ends,
 * preamble and directory entry: recovery relies on no record being in a segment whose preamble isn't.
 */
export function createSegment(
  disk: Disk,
  before: SegmentSummary | null,
  tails: ReadonlyMap<number, GroupTail>,
  segmentBytes: number,
  recordBytes: number,
  done: Completion<ActiveSegment | null>,
): void {
  const sequence = before === null ? 1 : before.sequence + 1;
  const name = segmentName(sequence);
  const preamble = encodePreamble(sequence, before === null ? 0 : before.endOffset, tails);
  const capacity = Math.max(segmentBytes, preamble.length + recordBytes + RECORD_HEADER_BYTES);
  disk.open(name, true, (openError, file) => {
    if (openError !== null) return done(new StorageFailedError(`create ${name}`, openError), null);
    inTurn(
      [
        [`reserve ${String(capacity)} bytes for ${name}`, (next) => file.resize(capacity, next)],
        [`write ${name}`, (next) => file.write(0, preamble, next)],
        [`sync ${name}`, (next) => file.sync(next)],
        ["sync the data directory", (next) => disk.syncDirectory(next)],
      ],
      (error) => {
        const summary = { sequence, name, endOffset: preamble.length, highestIndex: new Map<number, number>() };
        if (error === null) return done(null, { file, summary, capacity, sealed: true });
        // Whether the close succeeds makes no difference: nothing is going to be done with the file.
        file.close(() => done(error, null));
      },
    );
  });
}
