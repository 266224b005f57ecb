import { expect, test } from "vitest";
import { expectHeld, orNull, SEEDS, STANDING_STILL, troubled } from "../support/faults.js";
import { simulateService } from "../support/simulateService.js";

test.each(SEEDS)(
  "a queue: what is sent once is worked on at least once, and never again when that was done, seed %i",
  async (seed) => {
    const sent = new Set<string>();
    const handled = new Map<string, number>();
    const done = new Set<string>();
    const receipts = new Map<string, number>();
    let repeated = 0;
    const run = await simulateService(troubled(seed), STANDING_STILL, async (instance) => {
      const { name, recipes, random, signal, sleep } = instance;
      const queue = recipes.queue<number>("q", { leaseMs: 1_000, mostDeliveries: 1_000 });
      const produce = async (): Promise<void> => {
        for (let i = 1; !signal.aborted; i += 1) {
          const id = `${name}/${String(i)}`;
          // It is sent until that is known, and once more at times, as one does who is not sure.
          while (!signal.aborted && (await orNull(queue.send(i, { id, timeoutMs: 2_000 }))) === null) await sleep(50);
          sent.add(id);
          if (random() < 0.2) expect((await orNull(queue.send(i, { id }))) ?? false).toBe(false);
          await sleep(200 * random());
        }
      };
      const consume = queue.consume(
        async (delivery, lease) => {
          const { id, receipt } = delivery;
          expect(done.has(id)).toBe(false);
          expect(receipt).toBeGreaterThan(receipts.get(id) ?? 0);
          receipts.set(id, receipt);
          handled.set(id, (handled.get(id) ?? 0) + 1);
          if (handled.get(id)! > 1) repeated += 1;
          await sleep(200 * random());
          if (random() < 0.1) throw new Error("the work failed");
          if (!lease.aborted && (await delivery.complete())) done.add(id);
        },
        { signal, concurrency: 2, pollMs: 50, retryAfterMs: 100, onError: () => undefined },
      );
      await Promise.all([produce(), consume]);
    });
    expectHeld(run);
    expect(done.size).toBeGreaterThan(50);
    expect(repeated).toBeGreaterThan(0);
    for (const id of done) expect(handled.get(id)).toBeGreaterThan(0);
    // All but the latest have been worked on by the end.
    expect([...sent].filter((id) => handled.has(id)).length).toBeGreaterThan(0.8 * sent.size);
  },
);
