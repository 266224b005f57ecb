import type { Persist } from "@balsa/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogStore } from "../../src/storage/index.js";
import { applyToModel, batch, commands, emptyGroup, openLog, sameAsModel, snapshotAt, type Model } from "./logModel.js";
import { MemoryDisk } from "./memoryDisk.js";

interface Append {
  readonly type: "append" | "truncate" | "install" | "keep" | "vote";
  readonly group: number;
  readonly n: number;
}

type Action =
  | Append
  | { readonly type: "compact"; readonly group: number; readonly n: number }
  | { readonly type: "pump"; readonly n: number }
  | { readonly type: "crash"; readonly choices: readonly number[] }
  | { readonly type: "kill" }
  | { readonly type: "close" };

const groupAndNumber = { group: fc.integer({ min: 1, max: 2 }), n: fc.nat(1_000) };
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constant("append" as const), ...groupAndNumber }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constantFrom("truncate" as const, "vote" as const), ...groupAndNumber }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constantFrom("install" as const, "keep" as const), ...groupAndNumber }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("compact" as const), ...groupAndNumber }) },
  { weight: 12, arbitrary: fc.record({ type: fc.constant("pump" as const), n: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 2, arbitrary: fc.constantFrom({ type: "kill" as const }, { type: "close" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("crash" as const),
      choices: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 20 }),
    }),
  },
);

/** Drives a store as a replica would, and knows every state that the log may be recovered to. */
class World {
  readonly disk = new MemoryDisk();
  readonly appended: { readonly group: number; readonly persist: Persist }[] = [];
  acknowledged = 0;
  recoveries = 0;
  store: LogStore;
  readonly #segmentBytes: number;
  #model: Model = new Map();
  /** By group; nothing up to here is ever cut off. */
  #committed = new Map<number, number>();

  constructor(segmentBytes: number) {
    this.#segmentBytes = segmentBytes;
    this.store = openLog(this.disk, segmentBytes).store;
  }

  run(step: Action): void {
    if (step.type === "pump") this.disk.pump(step.n);
    else if (step.type === "compact") this.#compact(step.group, step.n);
    else if (step.type === "crash") this.crash(step.choices);
    else if (step.type === "kill") this.#kill();
    else if (step.type === "close") this.#close();
    else this.#append(step.group, this.#batchFor(step));
  }

  crash(choices: readonly number[]): void {
    let drawn = 0;
    this.disk.crash(() => choices[drawn++ % choices.length] as number);
    this.#recover();
  }

  /** Everything is acknowledged in the end. */
  settle(): void {
    this.disk.pump();
    expect(this.acknowledged).toBe(this.appended.length);
  }

  #kill(): void {
    this.disk.kill();
    this.#recover();
  }

  #close(): void {
    this.store.close((error) => {
      expect(error).toBeNull();
    });
    this.settle();
    this.#recover();
  }

  #recover(): void {
    const { store, recovered } = openLog(this.disk, this.#segmentBytes);
    const model: Model = new Map();
    let length = 0;
    const advance = (): void => {
      const { group, persist } = this.appended[length++] as { group: number; persist: Persist };
      applyToModel(model, group, persist);
    };
    while (length < this.acknowledged) advance();
    while (!sameAsModel(recovered, model)) {
      expect(length, "the log is at none of the states it may be at").toBeLessThan(this.appended.length);
      advance();
    }
    for (const [group, { baseIndex }] of recovered.groups) {
      const snapshot = model.get(group)?.snapshot?.index ?? 0;
      expect(baseIndex).toBeLessThanOrEqual(Math.max(this.#committed.get(group) ?? 0, snapshot));
    }
    this.recoveries++;
    this.store = store;
    this.#model = model;
    this.appended.length = length;
    this.acknowledged = length;
  }

  #batchFor({ type, group, n }: Append): Persist {
    const { hardState, lastIndex, snapshot } = this.#model.get(group) ?? emptyGroup();
    const committed = this.#committed.get(group) ?? 0;
    const newTerm = hardState.term + 1;
    if (type === "vote") return batch({ hardState: { term: newTerm, vote: n % 2 === 0 ? "b" : null } });
    if (type === "truncate" && lastIndex > committed) {
      const truncateFrom = committed + 1 + (n % (lastIndex - committed));
      const entries = commands(truncateFrom, n % 3, newTerm);
      return batch({ hardState: { term: newTerm, vote: null }, truncateFrom, entries });
    }
    if (type === "install") {
      const index = Math.max(committed, snapshot?.index ?? 0) + 1 + (n % 10);
      const entries = commands(index + 1, n % 3, newTerm);
      return batch({ hardState: { term: newTerm, vote: null }, snapshot: snapshotAt(index, newTerm), entries });
    }
    if (type === "keep" && lastIndex > Math.max(committed, snapshot?.index ?? 0)) {
      const terms = (this.#model.get(group) ?? emptyGroup()).terms;
      const index = lastIndex - (n % (lastIndex - Math.max(committed, snapshot?.index ?? 0)));
      const kept = snapshotAt(index, terms.get(index) as number);
      return batch({ hardState, snapshot: kept, keepLogAfterSnapshot: true, entries: [] });
    }
    const term = Math.max(hardState.term, 1);
    return batch({ hardState: { ...hardState, term }, entries: commands(lastIndex + 1, 1 + (n % 4), term) });
  }

  #append(group: number, persist: Persist): void {
    const number = this.appended.push({ group, persist });
    applyToModel(this.#model, group, persist);
    if (persist.snapshot !== null) this.#committed.set(group, persist.snapshot.index);
    this.store.append(group, persist, (error) => {
      expect(error).toBeNull();
      expect(this.acknowledged, "acknowledged in order").toBe(number - 1);
      this.acknowledged = number;
    });
  }

  /** A snapshot at some index has become durable elsewhere; the entries up to it need not be durable here. */
  #compact(group: number, n: number): void {
    const { lastIndex } = this.#model.get(group) ?? emptyGroup();
    const index = Math.max(this.#committed.get(group) ?? 0, Math.min(lastIndex, n % (lastIndex + 1)));
    this.#committed.set(group, index);
    this.store.compact(group, index, (error) => {
      expect(error).toBeNull();
    });
  }
}

test("whatever a crash keeps of unsynced writes, the log comes back as it was at some point after all it acknowledged", () => {
  let recoveries = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(1, 400, 700, 4_000),
      fc.array(action, { maxLength: 120, size: "max" }),
      (segmentBytes, actions) => {
        const world = new World(segmentBytes);
        for (const step of actions) world.run(step);
        world.settle();
        world.crash([0]);
        expect(world.acknowledged).toBe(world.appended.length);
        recoveries += world.recoveries;
      },
    ),
    { numRuns: 500 },
  );
  expect(recoveries).toBeGreaterThan(1_500);
});
