import { describe, expect, test } from "vitest";
import { crc32c } from "../../src/storage/crc32c.js";
import {
  DamagedLogError,
  inspectLog,
  UnknownFormatError,
  writeFreshLog,
  type InspectedSegment,
  type LogContent,
  type LogInspection,
} from "../../src/storage/index.js";
import { batch, commands, complete, openLog, snapshotAt, tryOpenLog } from "./logModel.js";
import { MemoryDisk } from "./memoryDisk.js";

const SEGMENT_BYTES = 190;
const FIRST = "log-0000000000000001.segment";
const SECOND = "log-0000000000000002.segment";
const THIRD = "log-0000000000000003.segment";

interface Inspected {
  readonly inspection: LogInspection;
  readonly segments: readonly InspectedSegment[];
}

function inspect(disk: MemoryDisk): Inspected | Error {
  const segments: InspectedSegment[] = [];
  const before = disk.names().map((name) => [name, disk.content(name)] as const);
  const inspection = complete<LogInspection | null>(disk, (done) => {
    inspectLog(
      disk,
      (segment, next) => {
        segments.push(segment);
        next();
      },
      done,
    );
  });
  expect(disk.names().map((name) => [name, disk.content(name)])).toEqual(before);
  if (inspection instanceof Error) return inspection;
  return { inspection: inspection!, segments };
}

function inspectOrThrow(disk: MemoryDisk): Inspected {
  const inspected = inspect(disk);
  if (inspected instanceof Error) throw inspected;
  return inspected;
}

/** Six batches of one entry each, in three segments. */
function sixEntries(close = true): MemoryDisk {
  const disk = new MemoryDisk();
  const { store } = openLog(disk, SEGMENT_BYTES);
  for (let index = 1; index <= 6; index++) {
    const persist = batch({ hardState: { term: 1, vote: "a" }, entries: commands(index, 1, 1) });
    expect(complete(disk, (done) => store.append(7, persist, (error) => done(error, true)))).toBe(true);
  }
  if (close) expect(complete(disk, (done) => store.close((error) => done(error, true)))).toBe(true);
  return disk;
}

function changed(disk: MemoryDisk, name: string, change: (bytes: Uint8Array) => Uint8Array): MemoryDisk {
  const other = disk.copy();
  other.put(name, change(other.content(name)));
  return other;
}

const entriesOf = ({ inspection }: Inspected): readonly number[] =>
  inspection.groups.get(7)?.entries.map(({ index }) => index) ?? [];

describe("an inspection", () => {
  test("tells of each record where it stands and what is in it, and changes nothing", () => {
    const { inspection, segments } = inspectOrThrow(sixEntries());
    expect(inspection).toMatchObject({ segments: 3, lastSequence: 3, tornBytes: 0, damage: null });
    expect(segments.map(({ name }) => name)).toEqual([FIRST, SECOND, THIRD]);
    const [first, second] = segments as [InspectedSegment, InspectedSegment];
    expect(second.before).toEqual([{ group: 7, lastIndex: first.records.length, lastTerm: 1 }]);
    const batches = segments.flatMap(({ records }) => records).filter((record) => record.batch !== null);
    expect(batches.map((record) => record.batch?.entries.map(({ index }) => index))).toEqual(
      [1, 2, 3, 4, 5, 6].map((index) => [index]),
    );
    for (const { records, endOffset } of segments) {
      const ends = records.map(({ offset, sizeBytes }) => offset + sizeBytes);
      expect(records.slice(1).map(({ offset }) => offset)).toEqual(ends.slice(0, -1));
      expect(ends.at(-1)).toBe(endOffset);
    }
  });

  test("finds damage, wherever a byte is changed, where a starting member finds it", () => {
    const disk = sixEntries();
    let damaged = 0;
    for (const name of [FIRST, SECOND, THIRD]) {
      for (let at = 0; at < disk.content(name).length; at += 2) {
        const broken = changed(disk, name, (bytes) => {
          bytes[at] = (bytes[at] as number) ^ (1 << (at & 7));
          return bytes;
        });
        const inspected = inspectOrThrow(broken);
        const opened = tryOpenLog(broken, SEGMENT_BYTES);
        const { damage } = inspected.inspection;
        if (opened instanceof DamagedLogError) {
          expect(damage?.error).toMatchObject({ file: opened.file, offset: opened.offset });
          damaged++;
        } else {
          if (opened instanceof Error) throw opened;
          expect(damage).toBeNull();
          expect(inspected.inspection.groups).toEqual(opened.recovered.groups);
        }
      }
    }
    expect(damaged).toBeGreaterThan(150);
  });

  test("keeps what stands before the damage, and tells how far the log went behind it", () => {
    const disk = sixEntries();
    const [first] = inspectOrThrow(disk).segments as [InspectedSegment];
    const at = first.records[1]!.offset + 30;
    const inspected = inspectOrThrow(
      changed(disk, FIRST, (bytes) => {
        bytes[at] = (bytes[at] as number) ^ 1;
        return bytes;
      }),
    );
    expect(entriesOf(inspected)).toEqual([1]);
    const { damage } = inspected.inspection;
    expect(damage).toMatchObject({ isNonsense: false, error: { file: FIRST, offset: first.records[1]!.offset } });
    const left = first.records.length;
    expect(damage?.behind).toEqual([
      { group: 7, records: 4, firstIndex: Math.min(3, left + 1), lastIndex: 6, term: 1, members: [] },
    ]);
  });

  test("reads a file that was cut short as far as it goes", () => {
    const disk = sixEntries();
    const [first] = inspectOrThrow(disk).segments as [InspectedSegment];
    const end = first.records[1]!.offset;
    const inspected = inspectOrThrow(changed(disk, FIRST, (bytes) => bytes.slice(0, end)));
    expect(entriesOf(inspected)).toEqual([1]);
    expect(inspected.inspection.damage).toMatchObject({ error: { file: FIRST, offset: end } });
    expect(inspected.inspection.damage?.behind[0]).toMatchObject({ lastIndex: 6 });
  });

  test("names a file that is missing in between", () => {
    const disk = sixEntries();
    disk.drop(SECOND);
    const { damage } = inspectOrThrow(disk).inspection;
    expect(damage).toMatchObject({ error: { file: SECOND, offset: 0 }, behind: [{ lastIndex: 6 }] });
  });

  test("takes what a crash left at the end for torn, not for damaged", () => {
    const disk = sixEntries(false);
    const { endOffset } = inspectOrThrow(disk).segments[2]!;
    const inspected = inspectOrThrow(
      changed(disk, THIRD, (bytes) => {
        bytes[endOffset - 1] = (bytes[endOffset - 1] as number) ^ 1;
        return bytes;
      }),
    );
    expect(inspected.inspection.damage).toBeNull();
    expect(inspected.inspection.tornBytes).toBeGreaterThan(0);
    expect(entriesOf(inspected)).toEqual([1, 2, 3, 4, 5]);
  });

  test("of a log of another format says so", () => {
    const disk = sixEntries();
    const bytes = disk.content(FIRST);
    const view = new DataView(bytes.buffer);
    view.setUint32(8, 99, true);
    view.setUint32(12, crc32c(bytes, 0, 12), true);
    disk.put(FIRST, bytes);
    expect(inspect(disk)).toBeInstanceOf(UnknownFormatError);
  });

  test("of a directory without a log finds nothing, and nothing damaged", () => {
    expect(inspectOrThrow(new MemoryDisk()).inspection).toMatchObject({ segments: 0, lastSequence: 0, damage: null });
  });
});

describe("a log that is written anew", () => {
  const content: LogContent = {
    hardState: { term: 9, vote: null },
    snapshot: snapshotAt(10, 2),
    entries: commands(11, 3, 3, "x".repeat(600_000)),
  };

  test("holds what it was given, however much that is, and can be opened by a member", () => {
    const disk = new MemoryDisk();
    const groups = new Map([[1, content]]);
    const options = { firstSequence: 4, random: () => 0.25 };
    expect(complete(disk, (done) => writeFreshLog(disk, options, groups, (error) => done(error, true)))).toBe(true);
    expect(disk.names()).toEqual(["log-0000000000000004.segment"]);
    const { recovered } = openLog(disk);
    const { entries, ...rest } = recovered.groups.get(1)!;
    expect(rest).toEqual({ hardState: content.hardState, snapshot: content.snapshot, baseIndex: 10, baseTerm: 2 });
    expect(entries.map(({ index, term }) => [index, term])).toEqual([11, 12, 13].map((index) => [index, 3]));
    expect(entries.every(({ data }, i) => Buffer.compare(data, content.entries[i]!.data) === 0)).toBe(true);
  });
});
