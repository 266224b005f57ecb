import type { Scenario } from "@balsa/sim";
import { describe, expect, test } from "vitest";
import { expectHeld } from "../support/faults.js";
import { FencedStorage } from "../support/fencedStorage.js";
import { RedlockServer, takeRedlock } from "../support/redlock.js";
import { simulateService, type Instance } from "../support/simulateService.js";

const TTL_MS = 1_000;
const SCENARIO: Scenario = { version: 1, seed: 1, nodes: 3, machine: "kv", durationMs: 10_000, faults: [] };

function newServers() {
  const time = { nowMs: 0 };
  const now = (): number => time.nowMs;
  return { time, now, servers: Array.from({ length: 5 }, () => new RedlockServer(now)) };
}

/** Kleppmann, "How to do distributed locking", 2016: what can become of a lock that is held by time alone. */
describe("a process that stands still while it holds a lock", () => {
  test("of Redlock writes beside the next holder, when it has looked at its lease before it stood still", () => {
    const { time, now, servers } = newServers();
    const written: string[] = [];
    const first = takeRedlock(servers, "first", TTL_MS, now)!;
    const mayWrite = now() < first.validUntilMs; // and here it stands still
    time.nowMs = 5_000;
    const second = takeRedlock(servers, "second", TTL_MS, now)!;
    if (now() < second.validUntilMs) written.push("second");
    if (mayWrite) written.push("first");
    expect(written).toEqual(["second", "first"]);
  });

  test("of this package has its write refused by its fence", async () => {
    const storage = new FencedStorage();
    const outcomes: Record<string, boolean> = {};
    const run = await simulateService(SCENARIO, { instances: 2, clockDrift: 0 }, async (instance, world) => {
      const { name, process, recipes, sleep } = instance;
      if (name === "i2") await sleep(1_000);
      const lease = await recipes.lock("l", { ttlMs: TTL_MS }).acquire();
      const mayWrite = lease.isHeld;
      if (name === "i1") {
        // It stands still between looking and writing; its timers are late by as much.
        process.pause();
        world.after(5_000, () => process.resume());
        await sleep(0);
      }
      if (mayWrite) outcomes[name] = storage.write(lease.fence, name);
      expect(lease.isHeld).toBe(name === "i2");
      await lease.release();
    });
    expectHeld(run);
    expect(outcomes).toEqual({ i1: false, i2: true });
  });
});

describe("a server whose clock jumps while a lock is held", () => {
  test("of Redlock lets a second holder in, while the first still goes by its own clock", () => {
    const { now, servers } = newServers();
    const [a, b, c, d, e] = servers as [RedlockServer, RedlockServer, RedlockServer, RedlockServer, RedlockServer];
    for (const server of [d, e]) server.isReachable = false;
    const first = takeRedlock(servers, "first", TTL_MS, now);
    c.jump(TTL_MS);
    for (const server of [a, b]) server.isReachable = false;
    for (const server of [d, e]) server.isReachable = true;
    const second = takeRedlock(servers, "second", TTL_MS, now);
    expect([first, second]).toEqual([{ validUntilMs: 988 }, { validUntilMs: 988 }]);
  });

  const contend = async (faults: Scenario["faults"]) => {
    const storage = new FencedStorage();
    const held = new Set<Instance>();
    let most = 0;
    const scenario: Scenario = { ...SCENARIO, ...(faults === undefined ? {} : { faults }) };
    const run = await simulateService(scenario, { instances: 3, clockDrift: 0.04 }, async (instance) => {
      const { name, recipes, signal, sleep, random } = instance;
      while (!signal.aborted) {
        await recipes.lock("l", { ttlMs: TTL_MS }).use(async (lease) => {
          held.add(instance);
          lease.signal.addEventListener("abort", () => held.delete(instance));
          for (let i = 0; i < 20 && lease.isHeld; i += 1) {
            most = Math.max(most, held.size);
            storage.write(lease.fence, name);
            await sleep(60 * random());
          }
        });
      }
    });
    expectHeld(run);
    const fences = storage.accepted.map(({ fence }) => fence);
    expect(fences).toEqual([...fences].sort((x, y) => x - y));
    return { most, refused: storage.refused };
  };

  test("of this package changes nothing, unless it leads", async () => {
    const faults = Array.from({ length: 9 }, (_, i) => {
      return { kind: "clockSkew", atMs: 1_000 * (i + 1), node: "follower:0", skewMs: 5_000 } as const;
    });
    expect(await contend(faults)).toEqual({ most: 1, refused: 0 });
  });

  test("of this package may end a lease early where it leads, and the fence refuses who does not know", async () => {
    const faults = Array.from({ length: 180 }, (_, i) => {
      return { kind: "clockSkew", atMs: 50 * (i + 1), node: "leader", skewMs: 200 } as const;
    });
    expect((await contend(faults)).refused).toBeGreaterThan(0);
  });
});
