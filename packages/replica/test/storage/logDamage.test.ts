import type { Entry, Persist } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { crc32c } from "../../src/storage/crc32c.js";
import { DamagedLogError, UnknownFormatError, type OpenedLog } from "../../src/storage/index.js";
import { RECORD_HEADER_BYTES } from "../../src/storage/logRecord.js";
import { sealAt } from "../../src/storage/logRecovery.js";
import type { RecordNonce } from "../../src/storage/recordNonce.js";
import { decodePreamble, type SegmentPreamble } from "../../src/storage/segmentPreamble.js";
import { applyToModel, batch, commands, complete, openLog, sameAsModel, tryOpenLog, type Model } from "./logModel.js";
import { MemoryDisk } from "./memoryDisk.js";

const SEGMENT_BYTES = 190;
const FIRST = "log-0000000000000001.segment";
const SPARE = "spare.segment";
const SECOND = "log-0000000000000002.segment";

/** Appends one batch per sync. Returns the models before the first batch and after each. */
function writeBatches(disk: MemoryDisk, count: number, close: boolean, segmentBytes = SEGMENT_BYTES): Model[] {
  const { store } = openLog(disk, segmentBytes);
  const persists = Array.from({ length: count }, (_, i) =>
    batch({ hardState: { term: 1, vote: "a" }, entries: commands(i + 1, 1, 1) }),
  );
  const models = [modelOf([])];
  for (const [i, persist] of persists.entries()) {
    expect(complete(disk, (done) => store.append(7, persist, (error) => done(error, true)))).toBe(true);
    models.push(modelOf(persists.slice(0, i + 1)));
  }
  if (close) expect(complete(disk, (done) => store.close((error) => done(error, true)))).toBe(true);
  return models;
}

function modelOf(persists: readonly Persist[]): Model {
  const model: Model = new Map();
  for (const persist of persists) applyToModel(model, 7, persist);
  return model;
}

function withFlippedBit(disk: MemoryDisk, name: string, bit: number): MemoryDisk {
  const other = disk.copy();
  const bytes = other.content(name);
  bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
  other.put(name, bytes);
  return other;
}

function usedBits(disk: MemoryDisk, name: string): number {
  const bytes = disk.content(name);
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end * 8;
}

test("no flipped bit in a log that was closed loses anything: it is found, with its file and place, or has no effect", () => {
  const disk = new MemoryDisk();
  const models = writeBatches(disk, 6, true);
  expect(disk.names()).toEqual([FIRST, SECOND, "log-0000000000000003.segment", SPARE]);
  let damaged = 0;
  for (const name of disk.names()) {
    for (let bit = 0; bit < disk.content(name).length * 8; bit++) {
      const opened = tryOpenLog(withFlippedBit(disk, name, bit), SEGMENT_BYTES);
      if (opened instanceof DamagedLogError) {
        expect(opened).toMatchObject({ code: "LOG_DAMAGED", file: name });
        expect(opened.offset).toBeLessThanOrEqual(bit >> 3);
        expect(opened.message).toContain("new one with an empty data directory");
        damaged++;
      } else {
        if (opened instanceof Error) throw opened;
        expect(sameAsModel(opened.recovered, models.at(-1) as Model), `${name} bit ${String(bit)}`).toBe(true);
      }
    }
  }
  expect(damaged).toBeGreaterThan(2_000);
});

test("in a log that a crash ended, a flipped bit can cost the last synced batch at most, and that only without a restart", () => {
  const disk = new MemoryDisk();
  const models = writeBatches(disk, 4, false, 4_096);
  const [, , , beforeLast, last] = models as [Model, Model, Model, Model, Model];
  let cut = 0;
  for (let bit = 0; bit < usedBits(disk, FIRST); bit++) {
    const opened = tryOpenLog(withFlippedBit(disk, FIRST, bit));
    if (opened instanceof DamagedLogError) continue;
    if (opened instanceof Error) throw opened;
    expect(sameAsModel(opened.recovered, beforeLast)).toBe(true);
    cut++;
  }
  expect(cut).toBeGreaterThan(0);
  openLog(disk, 4_096);
  for (let bit = 0; bit < usedBits(disk, FIRST); bit++) {
    const opened = tryOpenLog(withFlippedBit(disk, FIRST, bit));
    if (opened instanceof DamagedLogError) continue;
    if (opened instanceof Error) throw opened;
    expect(sameAsModel(opened.recovered, last)).toBe(true);
  }
});

test("a last write cut off at any byte is a torn tail: it is cut off, counted, and its bytes never come back", () => {
  const disk = new MemoryDisk();
  const [, , before, after] = writeBatches(disk, 3, false, 4_096) as [Model, Model, Model, Model];
  const whole = disk.content(FIRST);
  const end = usedBits(disk, FIRST) / 8;
  const twoBatches = new MemoryDisk();
  writeBatches(twoBatches, 2, false, 4_096);
  const start = usedBits(twoBatches, FIRST) / 8;
  for (let cut = start; cut <= end; cut++) {
    const torn = new MemoryDisk();
    const bytes = whole.slice();
    bytes.fill(0, cut, end);
    torn.put(FIRST, bytes);
    const { recovered } = openLog(torn);
    const complete = cut === end;
    expect(sameAsModel(recovered, complete ? after : before)).toBe(true);
    expect(recovered.tornBytes).toBeLessThanOrEqual(complete ? 0 : cut - start);
    if (!complete && cut > start) expect(recovered.tornBytes).toBeGreaterThan(0);
    const again = openLog(torn);
    expect(sameAsModel(again.recovered, complete ? after : before)).toBe(true);
    expect(again.recovered.tornBytes).toBe(0);
  }
});

test("records of one write don't prove each other, and torn ones among them are erased for good", () => {
  const disk = new MemoryDisk();
  const { store } = openLog(disk, 4_096);
  const entryOf = (index: number) => batch({ entries: commands(index, 1, 1) });
  store.append(1, entryOf(1), () => undefined);
  disk.pump();
  const before = usedBits(disk, FIRST);
  // The first goes out at once, and the other two are gathered meanwhile.
  for (const index of [2, 3, 4]) store.append(1, entryOf(index), () => undefined);
  disk.pump();
  const recordBits = (usedBits(disk, FIRST) - before) / 3;
  const torn = withFlippedBit(disk, FIRST, before + recordBits + 200);
  const { store: second, recovered } = openLog(torn);
  expect(recovered.groups.get(1)?.entries.map(({ index }) => index)).toEqual([1, 2]);
  expect(recovered.tornBytes).toBe((2 * recordBits) / 8);
  expect(complete(torn, (done) => second.append(1, entryOf(3), (error) => done(error, true)))).toBe(true);
  expect(
    openLog(torn)
      .recovered.groups.get(1)
      ?.entries.map(({ index }) => index),
  ).toEqual([1, 2, 3]);
});

describe("records that a client puts into its command", () => {
  const SEALS = 8;

  /** Bytes that would be whole seals of the segment if its nonce were this one, whichever of them is hit. */
  function seals(from: number, count: number, nonce: RecordNonce): Uint8Array {
    return Uint8Array.from(
      Array.from({ length: count }, (_, i) => [...sealAt(from + i * RECORD_HEADER_BYTES, nonce)]).flat(),
    );
  }

  /** Opens a log whose last record, a command that holds such seals, is torn right in front of them. */
  function openTorn(nonceOf: (segment: Uint8Array) => RecordNonce): OpenedLog | Error {
    const empty = new MemoryDisk();
    openLog(empty, 8_192);
    const written = (data: Uint8Array): MemoryDisk => {
      const disk = empty.copy();
      const { store } = openLog(disk, 8_192);
      store.append(1, batch({ entries: [{ ...(commands(1, 1, 1)[0] as Entry), data }] }), () => undefined);
      disk.pump();
      return disk;
    };
    const length = SEALS * RECORD_HEADER_BYTES;
    const from = written(new Uint8Array(length).fill(0xff)).content(FIRST).lastIndexOf(0xff) + 1 - length;
    return tryOpenLog(withFlippedBit(written(seals(from, SEALS, nonceOf(empty.content(FIRST)))), FIRST, from * 8 - 1));
  }

  test("would prove a torn tail damaged if it knew the segment's nonce", () => {
    const opened = openTorn((bytes) => (decodePreamble(FIRST, bytes) as SegmentPreamble).nonce);
    expect(opened).toBeInstanceOf(DamagedLogError);
  });

  test("prove nothing, for it does not", () => {
    const opened = openTorn(() => ({ offsetMask: 0, checksumSeed: 0 }));
    expect((opened as OpenedLog).recovered.tornBytes).toBeGreaterThan(0);
  });
});

test("a log with a segment missing in the middle is refused", () => {
  const disk = new MemoryDisk();
  writeBatches(disk, 6, true);
  disk.drop(SECOND);
  expect(tryOpenLog(disk)).toMatchObject({ code: "LOG_DAMAGED", file: SECOND });
});

test("a segment cut short is refused when a later one shows what was in it", () => {
  const disk = new MemoryDisk();
  writeBatches(disk, 6, true);
  disk.put(FIRST, disk.content(FIRST).slice(0, 100));
  expect(tryOpenLog(disk)).toMatchObject({ code: "LOG_DAMAGED", file: FIRST });
});

test.each([
  ["a newer", 3, "a newer one"],
  ["an older", 1, "replace this member"],
])("a log of %s format is refused and left as it is, with advice", (_which, version, advice) => {
  const disk = new MemoryDisk();
  writeBatches(disk, 1, true);
  const bytes = disk.content(FIRST);
  new DataView(bytes.buffer).setUint32(8, version, true);
  new DataView(bytes.buffer).setUint32(12, crc32c(bytes, 0, 12), true);
  disk.put(FIRST, bytes);
  const error = tryOpenLog(disk);
  expect(error).toBeInstanceOf(UnknownFormatError);
  expect(error).toMatchObject({ code: "FORMAT_UNKNOWN", file: FIRST, version });
  expect((error as Error).message).toContain(FIRST);
  expect((error as Error).message).toContain(advice);
  expect(disk.content(FIRST)).toEqual(bytes);
});

test("a segment cut short from outside is refused, though nothing shows what was in it", () => {
  const disk = new MemoryDisk();
  writeBatches(disk, 3, true, 4_096);
  disk.put(FIRST, disk.content(FIRST).slice(0, 4_095));
  expect(tryOpenLog(disk)).toMatchObject({ code: "LOG_DAMAGED", file: FIRST, offset: 4_095 });
});

test("whatever there is of a spare file, it goes, and nothing is lost", () => {
  const disk = new MemoryDisk();
  writeBatches(disk, 6, false);
  const [segment] = disk.names() as [string];
  for (const bytes of [new Uint8Array(0), new Uint8Array(77), disk.content(segment)]) {
    const other = disk.copy();
    other.put(SPARE, bytes);
    const { recovered } = openLog(other, SEGMENT_BYTES);
    expect(recovered.groups.get(7)?.entries.length).toBe(6);
    expect(other.names()).not.toContain(SPARE);
  }
});

test("a segment whose beginning can't be read is damaged at any byte, for it got its name only when that was durable", () => {
  const disk = new MemoryDisk();
  writeBatches(disk, 6, false);
  const third = "log-0000000000000003.segment";
  const bytes = disk.content(third);
  const { endOffset } = decodePreamble(third, bytes) as SegmentPreamble;
  for (let cut = 0; cut < endOffset; cut++) {
    if (bytes.subarray(cut, endOffset).every((byte) => byte === 0)) continue;
    const torn = disk.copy();
    torn.put(third, bytes.slice().fill(0, cut));
    expect(tryOpenLog(torn, SEGMENT_BYTES)).toMatchObject({ code: "LOG_DAMAGED", file: third, offset: 0 });
  }
});

test("files of other names are left alone", () => {
  const disk = new MemoryDisk();
  const names = ["README", "log-1.segment", "log-0000000000000009.segment.bak"];
  for (const name of names) disk.put(name, Uint8Array.of(1, 2, 3));
  writeBatches(disk, 6, true);
  openLog(disk);
  for (const name of names) expect(disk.content(name)).toEqual(Uint8Array.of(1, 2, 3));
});
