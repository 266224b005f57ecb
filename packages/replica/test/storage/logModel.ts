import type { Entry, HardState, Persist, SnapshotMetadata } from "@balsa/core";
import { expect } from "vitest";
import type { Completion } from "../../src/disk.js";
import { LogStore, type OpenedLog, type RecoveredLog } from "../../src/storage/index.js";
import type { MemoryDisk } from "./memoryDisk.js";

/** What one group's log should hold, by the definition of `Persist`. Entry i stands at index i; compacted ones stay. */
export interface ModelGroup {
  hardState: HardState;
  snapshot: SnapshotMetadata | null;
  terms: Map<number, number>;
  entries: Map<number, Entry>;
  lastIndex: number;
}

export type Model = Map<number, ModelGroup>;

export function emptyGroup(): ModelGroup {
  const hardState = { term: 0, vote: null };
  return { hardState, snapshot: null, terms: new Map([[0, 0]]), entries: new Map(), lastIndex: 0 };
}

export function applyToModel(model: Model, group: number, persist: Persist): void {
  const state = model.get(group) ?? emptyGroup();
  model.set(group, state);
  const cut = (from: number): void => {
    for (let index = from; index <= state.lastIndex; index++) {
      state.terms.delete(index);
      state.entries.delete(index);
    }
    state.lastIndex = Math.min(state.lastIndex, from - 1);
  };
  state.hardState = persist.hardState;
  if (persist.snapshot !== null) {
    state.snapshot = persist.snapshot;
    if (!persist.keepLogAfterSnapshot) {
      cut(1);
      state.lastIndex = persist.snapshot.index;
      state.terms.set(persist.snapshot.index, persist.snapshot.term);
    }
  }
  if (persist.truncateFrom > 0) cut(persist.truncateFrom);
  for (const entry of persist.entries) {
    state.terms.set(entry.index, entry.term);
    state.entries.set(entry.index, entry);
    state.lastIndex = entry.index;
  }
}

/** Whether what was recovered is what the model holds; the entries before `baseIndex` don't matter. */
export function sameAsModel(recovered: RecoveredLog, model: Model): boolean {
  for (const group of new Set([...recovered.groups.keys(), ...model.keys()])) {
    const state = model.get(group);
    const found = recovered.groups.get(group);
    if (state === undefined || found === undefined) return false;
    const { hardState, snapshot, baseIndex, baseTerm, entries } = found;
    if (hardState.term !== state.hardState.term || hardState.vote !== state.hardState.vote) return false;
    if (JSON.stringify(snapshot) !== JSON.stringify(state.snapshot)) return false;
    if (baseTerm !== state.terms.get(baseIndex) || baseIndex + entries.length !== state.lastIndex) return false;
    for (const [i, entry] of entries.entries()) {
      if (entry.index !== baseIndex + 1 + i || !sameEntry(entry, state.entries.get(entry.index))) return false;
    }
  }
  return true;
}

function sameEntry(a: Entry, b: Entry | undefined): boolean {
  return b !== undefined && a.term === b.term && a.kind === b.kind && Buffer.compare(a.data, b.data) === 0;
}

export function openLog(disk: MemoryDisk, segmentBytes = 8 * 1024): OpenedLog {
  const opened = tryOpenLog(disk, segmentBytes);
  if (opened instanceof Error) throw opened;
  return opened;
}

let logsOpened = 0;

/** Numbers that look random, another row of them each time, and the same in every run (Park and Miller 1988). */
function seededRandom(): () => number {
  let state = ++logsOpened;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

export function tryOpenLog(disk: MemoryDisk, segmentBytes = 8 * 1024): OpenedLog | Error {
  return complete<OpenedLog | null>(disk, (done) => {
    LogStore.open(disk, { segmentBytes, random: seededRandom() }, done);
  }) as OpenedLog | Error;
}

/** Runs one operation to its end: its value, or the error. */
export function complete<T>(disk: MemoryDisk, start: (done: Completion<T>) => void): T | Error {
  let result: { readonly value: T | Error } | null = null as { readonly value: T | Error } | null;
  start((error, value) => {
    expect(result, "a completion comes once").toBeNull();
    result = { value: error ?? value };
  });
  expect(result, "a completion comes after the call").toBeNull();
  disk.pump();
  if (result === null) throw new Error("the operation has not ended");
  return result.value;
}

export function batch(given: Partial<Persist>): Persist {
  const nothing = { position: 1, snapshot: null, keepLogAfterSnapshot: false, truncateFrom: 0, entries: [] };
  return { ...nothing, hardState: { term: 1, vote: null }, ...given };
}

export function commands(fromIndex: number, count: number, term: number, text = "command"): Entry[] {
  return Array.from({ length: count }, (_, i) => {
    const index = fromIndex + i;
    const data = new Uint8Array(Buffer.from(`${text} ${String(index)}/${String(term)}`));
    return { index, term, kind: "command", data, configuration: null };
  });
}

export function snapshotAt(index: number, term: number): SnapshotMetadata {
  const configuration = { voters: ["a", "b", "c"], votersOutgoing: [], learners: ["d"], learnersNext: [] };
  return { index, term, configuration, sizeBytes: 1_000 + index, checksum: index * 7 };
}
