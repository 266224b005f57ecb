import { InvariantError, type Persist } from "@balsa/core";
import type { Completion, Disk } from "../disk.js";
import { ByteReader } from "../encoding/byteReader.js";
import { DecodeError } from "../encoding/decodeError.js";
import { decodeBatch } from "./logBatch.js";
import { claimedRecordBytes, readRecord, RECORD_BATCH, RECORD_HEADER_BYTES } from "./logRecord.js";
import { decodePreamble, type SegmentPreamble } from "./segmentPreamble.js";
import { StorageFailedError } from "./storageFailedError.js";

/** What is left of a group behind a damaged place. */
export interface GroupBehind {
  readonly group: number;
  /** Whole records of it. */
  readonly records: number;
  /** The lowest and the highest index of an entry there, or that a later segment speaks of; 0 where there is none. */
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** The highest term. */
  readonly term: number;
  /** Members that configurations there name. */
  readonly members: readonly string[];
}

/** A segment, and from where on it is looked through; 0: from its first record. */
export interface DamagedPart {
  readonly name: string;
  readonly from: number;
}

/** Looks for whole records behind a damaged place. Changes nothing. `done` may get `StorageFailedError`. */
export function findRecordsBehind(
  disk: Disk,
  parts: readonly DamagedPart[],
  done: Completion<readonly GroupBehind[]>,
): void {
  const found = new Map<number, Behind>();
  const look = (position: number): void => {
    const part = parts[position];
    if (part === undefined) return done(null, [...found.values()].map(told));
    readWhole(disk, part.name, (error, bytes) => {
      if (error !== null) return done(error, []);
      try {
        lookThrough(part, bytes, found);
      } catch (failure) {
        return done(failure as Error, []); // UnknownFormatError
      }
      look(position + 1);
    });
  };
  look(0);
}

interface Behind {
  readonly group: number;
  records: number;
  firstIndex: number;
  lastIndex: number;
  term: number;
  readonly members: Set<string>;
}

function told({ members, ...rest }: Behind): GroupBehind {
  return { ...rest, members: [...members].sort() };
}

function readWhole(disk: Disk, name: string, done: Completion<Uint8Array>): void {
  const nothing = new Uint8Array(0);
  disk.open(name, false, (openError, file) => {
    if (openError !== null) return done(new StorageFailedError(`open ${name}`, openError), nothing);
    file.size((sizeError, size) => {
      const close = (error: Error | null, bytes: Uint8Array): void => {
        file.close((closeError) => {
          const failure = error ?? closeError;
          done(failure === null ? null : new StorageFailedError(`read ${name}`, failure), bytes);
        });
      };
      if (sizeError !== null) close(sizeError, nothing);
      else file.read(0, size, close);
    });
  });
}

/** Without the beginning of a segment its records can't be told from chance, so nothing is found in it. */
function lookThrough({ name, from }: DamagedPart, bytes: Uint8Array, found: Map<number, Behind>): void {
  const preamble = decodePreamble(name, bytes);
  if (preamble === null) return;
  if (from === 0) {
    for (const [group, tail] of preamble.tails) noteReach(behindOf(found, group), tail.lastIndex, tail.hardState.term);
  }
  // Behind the last byte that is not zero no record begins.
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  let offset = Math.max(from, preamble.endOffset);
  while (offset < end && offset + RECORD_HEADER_BYTES <= bytes.length) {
    const length = claimedRecordBytes(bytes, offset, offset, bytes.length, preamble.nonce);
    const isRecord = length > 0 && takeRecord(bytes, offset, length, preamble, found);
    offset += isRecord ? length : 1;
  }
}

function takeRecord(
  bytes: Uint8Array,
  offset: number,
  length: number,
  { nonce }: SegmentPreamble,
  found: Map<number, Behind>,
): boolean {
  const record = readRecord(bytes, offset, length, nonce);
  if (record === null) return false;
  if (record.kind !== RECORD_BATCH) return true;
  const batch = batchOrNull(new ByteReader(bytes, record.bodyStart, record.bodyEnd));
  const behind = behindOf(found, record.group);
  behind.records += 1;
  if (batch === null) return true;
  noteReach(behind, batch.snapshot?.index ?? 0, batch.hardState.term);
  const first = batch.entries[0]?.index ?? 0;
  if (first > 0 && (behind.firstIndex === 0 || first < behind.firstIndex)) behind.firstIndex = first;
  for (const { index, term, configuration } of batch.entries) {
    noteReach(behind, index, term);
    if (configuration === null) continue;
    const { voters, votersOutgoing, learners } = configuration;
    for (const id of [...voters, ...votersOutgoing, ...learners]) behind.members.add(id);
  }
  return true;
}

function batchOrNull(reader: ByteReader): Persist | null {
  try {
    return decodeBatch(reader);
  } catch (error) {
    if (error instanceof DecodeError || error instanceof InvariantError) return null;
    throw error;
  }
}

function behindOf(found: Map<number, Behind>, group: number): Behind {
  let behind = found.get(group);
  if (behind === undefined) {
    behind = { group, records: 0, firstIndex: 0, lastIndex: 0, term: 0, members: new Set() };
    found.set(group, behind);
  }
  return behind;
}

function noteReach(behind: Behind, index: number, term: number): void {
  behind.lastIndex = Math.max(behind.lastIndex, index);
  behind.term = Math.max(behind.term, term);
}
