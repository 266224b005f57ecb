import type { Entry, Persist } from "@balsa/core";
import { expect, test } from "vitest";
import { crc32c } from "../../src/storage/crc32c.js";
import { DamagedLogError, UnknownFormatError } from "../../src/storage/index.js";
import { applyToModel, batch, commands, complete, openLog, sameAsModel, tryOpenLog, type Model } from "./logModel.js";
import { MemoryDisk } from "./memoryDisk.js";

const SEGMENT_BYTES = 190;
const FIRST = "log-0000000000000001.segment";
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
  expect(disk.names()).toEqual([FIRST, SECOND, "log-0000000000000003.segment"]);
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

test("bytes of a log that are stored as a command, and are torn, are not taken for a proof", () => {
  const other = new MemoryDisk();
  writeBatches(other, 40, true, 4_096);
  const data = other.content(FIRST).slice(0, usedBits(other, FIRST) / 8);
  const disk = new MemoryDisk();
  const { store } = openLog(disk, 8_192);
  const entry = { ...(commands(1, 1, 1)[0] as Entry), data };
  store.append(1, batch({ entries: [entry] }), () => undefined);
  disk.pump();
  const end = usedBits(disk, FIRST) / 8;
  const torn = withFlippedBit(disk, FIRST, (end - data.length) * 8);
  expect(openLog(torn).recovered.tornBytes).toBeGreaterThan(0);
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

test("a log of a newer format is refused and left as it is", () => {
  const disk = new MemoryDisk();
  writeBatches(disk, 1, true);
  const bytes = disk.content(FIRST);
  new DataView(bytes.buffer).setUint32(8, 2, true);
  new DataView(bytes.buffer).setUint32(12, crc32c(bytes, 0, 12), true);
  disk.put(FIRST, bytes);
  const error = tryOpenLog(disk);
  expect(error).toBeInstanceOf(UnknownFormatError);
  expect(error).toMatchObject({ code: "FORMAT_UNKNOWN", file: FIRST, version: 2 });
  expect(disk.content(FIRST)).toEqual(bytes);
});

test("a segment whose creation a crash interrupted at any byte is made anew, and nothing is lost", () => {
  const disk = new MemoryDisk();
  const models = writeBatches(disk, 6, false);
  const third = "log-0000000000000003.segment";
  const created = new MemoryDisk();
  for (const name of [FIRST, SECOND]) created.put(name, disk.content(name));
  const inTwo = openLog(created.copy(), SEGMENT_BYTES).recovered;
  const kept = models.find((model) => sameAsModel(inTwo, model)) as Model;
  const preamble = disk.content(third).slice(0, 40);
  for (let cut = 0; cut < preamble.length; cut++) {
    for (const size of [cut, SEGMENT_BYTES]) {
      const torn = created.copy();
      const bytes = new Uint8Array(size);
      bytes.set(preamble.subarray(0, Math.min(cut, size)));
      torn.put(third, bytes);
      const { recovered, store } = openLog(torn, SEGMENT_BYTES);
      expect(sameAsModel(recovered, kept)).toBe(true);
      const index = (recovered.groups.get(7)?.entries.length ?? 0) + 1;
      const next = batch({ hardState: { term: 1, vote: "a" }, entries: commands(index, 3, 1) });
      expect(complete(torn, (done) => store.append(7, next, (error) => done(error, true)))).toBe(true);
      expect(openLog(torn, SEGMENT_BYTES).recovered.groups.get(7)?.entries.length).toBe(index + 2);
    }
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
