import { InvariantError, type Entry, type Persist } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { DecodeError } from "../encoding/decodeError.js";
import { DamagedLogError } from "./damagedLogError.js";
import { GroupTail } from "./groupTail.js";
import { decodeBatch } from "./logBatch.js";
import { RECORD_BATCH, RECORD_SEAL, type LogRecord } from "./logRecord.js";
import { noteHighest, type RecoveredGroup, type SegmentSummary } from "./recoveredLog.js";
import type { SegmentPreamble } from "./segmentPreamble.js";

interface GroupInReplay {
  readonly tail: GroupTail;
  baseIndex: number;
  baseTerm: number;
  entries: Entry[];
}

/** What the segments and their records, taken oldest first, say all together. */
export class LogReplay {
  readonly segments: SegmentSummary[] = [];
  /** Whether there are records at the end whose durability no later one proves. */
  endUnproven = false;
  readonly #groups = new Map<number, GroupInReplay>();

  get tails(): Map<number, GroupTail> {
    return new Map([...this.#groups].map(([group, { tail }]) => [group, tail]));
  }

  get groups(): Map<number, RecoveredGroup> {
    return new Map(
      [...this.#groups].map(([group, { tail, baseIndex, baseTerm, entries }]) => {
        const { hardState, snapshot } = tail;
        return [group, { hardState, snapshot, baseIndex, baseTerm, entries }];
      }),
    );
  }

  /**
   * Goes on with the next segment, and returns what is to be known of it.
   * @throws DamagedLogError when it doesn't go on from where the one before ended.
   */
  beginSegment(name: string, preamble: SegmentPreamble): SegmentSummary {
    this.#continueFrom(name, preamble);
    const { sequence, endOffset } = preamble;
    const segment = { sequence, name, endOffset, highestIndex: new Map<number, number>() };
    this.segments.push(segment);
    this.endUnproven = false;
    return segment;
  }

  /**
   * Takes the record that stands in `bytes`, and at the end of the segment so far. Returns the batch in it, whose entries are
   * views on `bytes`; null for a seal.
   * @throws DamagedLogError when it makes no sense.
   */
  takeRecord(segment: SegmentSummary, record: LogRecord, bytes: Uint8Array): Persist | null {
    let batch: Persist | null;
    try {
      batch = this.#replay(segment, record, bytes);
    } catch (error) {
      if (!(error instanceof DecodeError || error instanceof InvariantError)) throw error;
      const what = `the record makes no sense (${error.message})`;
      throw new DamagedLogError(segment.name, segment.endOffset, what, { cause: error });
    }
    segment.endOffset += record.bodyEnd - record.start;
    this.endUnproven = record.kind !== RECORD_SEAL;
    return batch;
  }

  #continueFrom(name: string, preamble: SegmentPreamble): void {
    const before = this.segments.at(-1);
    if (before === undefined) {
      for (const [group, tail] of preamble.tails) this.#groups.set(group, startAt(tail));
      return;
    }
    if (before.endOffset !== preamble.previousEndOffset) {
      const what = `${name} shows that its records went up to byte ${String(preamble.previousEndOffset)}`;
      throw new DamagedLogError(before.name, before.endOffset, what);
    }
    for (const group of new Set([...preamble.tails.keys(), ...this.#groups.keys()])) {
      if (!agree(preamble.tails.get(group), this.#groups.get(group)?.tail)) {
        throw new DamagedLogError(name, 0, `group ${String(group)} is not what ${before.name} left it as`);
      }
    }
  }

  #replay(segment: SegmentSummary, record: LogRecord, bytes: Uint8Array): Persist | null {
    if (record.kind === RECORD_SEAL) return null;
    if (record.kind !== RECORD_BATCH) throw new DecodeError(`unknown kind ${String(record.kind)}`, segment.endOffset);
    const persist = decodeBatch(new ByteReader(bytes, record.bodyStart, record.bodyEnd));
    let group = this.#groups.get(record.group);
    if (group === undefined) {
      group = startAt(GroupTail.empty());
      this.#groups.set(record.group, group);
    }
    apply(group, persist);
    noteHighest(segment, record.group, persist.entries);
    return persist;
  }
}

function startAt(tail: GroupTail): GroupInReplay {
  return { tail, baseIndex: tail.lastIndex, baseTerm: tail.lastTerm, entries: [] };
}

function apply(group: GroupInReplay, persist: Persist): void {
  const { snapshot, keepLogAfterSnapshot, truncateFrom } = persist;
  group.tail.apply({ ...persist, entries: [] });
  if (snapshot !== null && !(keepLogAfterSnapshot && snapshot.index <= group.baseIndex)) {
    group.entries = keepLogAfterSnapshot ? group.entries.slice(snapshot.index - group.baseIndex) : [];
    group.baseIndex = snapshot.index;
    group.baseTerm = snapshot.term;
  }
  if (truncateFrom > 0) {
    if (truncateFrom <= group.baseIndex) {
      // Cut back into segments that are gone: their entries were compacted after this.
      group.baseIndex = group.tail.lastIndex;
      group.baseTerm = group.tail.lastTerm;
    }
    group.entries.length = Math.min(group.entries.length, truncateFrom - 1 - group.baseIndex);
  }
  group.tail.appendEntries(persist.entries);
  for (const entry of persist.entries) group.entries.push(entry);
}

function agree(a: GroupTail | undefined, b: GroupTail | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return (
    a.hardState.term === b.hardState.term &&
    a.hardState.vote === b.hardState.vote &&
    a.lastIndex === b.lastIndex &&
    a.lastTerm === b.lastTerm &&
    a.snapshot?.index === b.snapshot?.index &&
    a.snapshot?.checksum === b.snapshot?.checksum
  );
}
