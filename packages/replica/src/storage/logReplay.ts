import { InvariantError, type Entry, type Persist } from "@balsa/core";
import { ByteReader } from "../encoding/byteReader.js";
import { DecodeError } from "../encoding/decodeError.js";
import { DamagedLogError } from "./damagedLogError.js";
import { segmentName } from "./fileName.js";
import { GroupTail } from "./groupTail.js";
import { decodeBatch } from "./logBatch.js";
import { findProof, readRecord, RECORD_BATCH, RECORD_SEAL, type LogRecord } from "./logRecord.js";
import { noteHighest, type RecoveredGroup, type SegmentSummary } from "./recoveredLog.js";
import { decodePreamble, type SegmentPreamble } from "./segmentPreamble.js";

interface GroupInReplay {
  readonly tail: GroupTail;
  baseIndex: number;
  baseTerm: number;
  entries: Entry[];
}

/**
 * Goes through the bytes of all segments, oldest first, and finds out what they say and where they end.
 *
 * What a crash can do is bounded, and anything else is damage: it may leave the last segment's preamble or the records
 * written since its last sync unreadable, and nothing before them. One case can't be told from a torn tail: damage to
 * the batch that was synced last, when nothing has been written since (a seal, written when the log is opened or closed,
 * leaves that case to a crash without a restart).
 */
export class LogReplay {
  readonly segments: SegmentSummary[] = [];
  /** Bytes behind the last record, of one that is not whole. */
  tornBytes = 0;
  /** Whether the last segment's creation wasn't finished: there is nothing in it, and it must go. */
  tornCreation = false;
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
   * Takes the next segment.
   * @throws DamagedLogError, UnknownFormatError
   */
  take(sequence: number, bytes: Uint8Array, isLast: boolean): void {
    const name = segmentName(sequence);
    const preamble = decodePreamble(name, bytes);
    if (preamble === null || preamble.sequence !== sequence) {
      this.#refuseUnlessTorn(name, sequence, bytes, isLast);
      this.tornCreation = true;
      return;
    }
    this.#continueFrom(name, preamble);
    const segment = { sequence, name, endOffset: preamble.endOffset, highestIndex: new Map<number, number>() };
    this.#replayRecords(segment, bytes);
    this.segments.push(segment);
    this.tornBytes = lastNonZero(bytes, segment.endOffset) - segment.endOffset;
    if (isLast && this.tornBytes > 0) {
      const proof = findProof(bytes, segment.endOffset + 1, segment.endOffset);
      if (proof !== -1) {
        const what = `the record can't be read, though the one at byte ${String(proof)} shows that it was durable`;
        throw new DamagedLogError(name, segment.endOffset, what);
      }
    }
  }

  #refuseUnlessTorn(name: string, sequence: number, bytes: Uint8Array, isLast: boolean): void {
    const what = "the beginning of the file can't be read, though it was durable";
    // Older segments go, and records come, only once the preamble is durable.
    const durable = !isLast || (this.segments.length === 0 && sequence !== 1) || findProof(bytes, 0, -1) !== -1;
    if (durable) throw new DamagedLogError(name, 0, what);
    // The segment before is left, and the next one created, when all in it is durable and whole.
    const before = this.segments.at(-1);
    if (before !== undefined && this.tornBytes > 0) {
      throw new DamagedLogError(before.name, before.endOffset, "a record can't be read, though it was durable");
    }
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

  #replayRecords(segment: SegmentSummary, bytes: Uint8Array): void {
    this.endUnproven = false;
    for (;;) {
      const record = readRecord(bytes, segment.endOffset);
      if (record === null) return;
      try {
        this.#replay(segment, record, bytes);
      } catch (error) {
        if (!(error instanceof DecodeError || error instanceof InvariantError)) throw error;
        const what = `the record makes no sense (${error.message})`;
        throw new DamagedLogError(segment.name, segment.endOffset, what, { cause: error });
      }
      segment.endOffset = record.end;
      this.endUnproven = record.kind !== RECORD_SEAL;
    }
  }

  #replay(segment: SegmentSummary, record: LogRecord, bytes: Uint8Array): void {
    if (record.kind === RECORD_SEAL) return;
    if (record.kind !== RECORD_BATCH) throw new DecodeError(`unknown kind ${String(record.kind)}`, segment.endOffset);
    const persist = decodeBatch(new ByteReader(bytes, record.bodyStart, record.end));
    let group = this.#groups.get(record.group);
    if (group === undefined) {
      group = startAt(GroupTail.empty());
      this.#groups.set(record.group, group);
    }
    apply(group, persist);
    noteHighest(segment, record.group, persist.entries);
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
  // Copies, for decoded data are views and would keep the whole segment in memory.
  for (const entry of persist.entries) group.entries.push({ ...entry, data: entry.data.slice() });
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

/** The offset behind the last byte from `from` on that isn't zero; `from` when all are. */
function lastNonZero(bytes: Uint8Array, from: number): number {
  let end = bytes.length;
  while (end > from && bytes[end - 1] === 0) end--;
  return end;
}
