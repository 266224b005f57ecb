import { expect, test } from "vitest";
import type { MapChange } from "../../src/index.js";
import { expectHeld, orNull, SEEDS, STANDING_STILL, troubled } from "../support/faults.js";
import { simulateService } from "../support/simulateService.js";

const KEYS = ["a", "b", "c"];

test.each(SEEDS)(
  "a map: conditional writes lose none, followers see each change once, copies are as fresh as asked, seed %i",
  async (seed) => {
    const acknowledged = new Map<string, number>();
    const feeds: MapChange<number>[][] = [];
    let served = 0;
    const run = await simulateService(troubled(seed), STANDING_STILL, async (instance) => {
      const { recipes, random, signal, sleep } = instance;
      const map = recipes.map<number>("m");
      const follow = async (): Promise<void> => {
        const seen: MapChange<number>[] = [];
        feeds.push(seen);
        while (!signal.aborted) {
          const after = seen.at(-1)?.revision ?? 0;
          // A feed that broke off is resumed where it was.
          await orNull(
            (async () => {
              for await (const change of map.changes({ after, signal })) seen.push(change);
            })(),
          );
          await sleep(100);
        }
      };
      const read = async (): Promise<void> => {
        let cache = await orNull(map.cache({ signal }));
        while (cache === null) {
          await sleep(100);
          cache = await orNull(map.cache({ signal }));
        }
        while (!signal.aborted) {
          const key = KEYS[Math.floor(random() * KEYS.length)]!;
          const least = acknowledged.get(key) ?? 0;
          const entry = await orNull(cache.get(key, { notOlderThanMs: 0, timeoutMs: 5_000, signal }));
          if (entry !== null) {
            expect(entry.value).toBeGreaterThanOrEqual(least);
            served += 1;
          }
          await sleep(50 * random());
        }
      };
      const write = async (): Promise<void> => {
        while (!signal.aborted) {
          const key = KEYS[Math.floor(random() * KEYS.length)]!;
          const before = await orNull(map.get(key, { timeoutMs: 3_000 }));
          const value = (before?.value ?? 0) + 1;
          const written = await orNull(map.set(key, value, { ifRevision: before?.revision ?? 0, timeoutMs: 3_000 }));
          if (written?.done === true) acknowledged.set(key, Math.max(acknowledged.get(key) ?? 0, value));
          await sleep(100 * random());
        }
      };
      await Promise.all([follow(), read(), write()]);
    });
    expectHeld(run);
    expect(served).toBeGreaterThan(25);
    const longest = feeds.reduce((best, feed) => (feed.length > best.length ? feed : best));
    expect(longest.length).toBeGreaterThan(50);
    // Each write adds one to what was there: whatever is lost or applied twice breaks the row.
    const last = new Map<string, number>();
    for (const { key, value } of longest) {
      expect(value).toBe((last.get(key) ?? 0) + 1);
      last.set(key, value!);
    }
    for (const feed of feeds) expect(feed).toEqual(longest.slice(0, feed.length));
  },
);
