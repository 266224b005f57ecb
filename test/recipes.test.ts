import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MapChange, Recipes } from "@balsa/recipes";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { FencedStorage } from "../examples/recipes/fencedStorage.js";
import { reportWhileLeading } from "../examples/recipes/leaderOnlyJob.js";
import { admit, sell } from "../examples/recipes/limits.js";
import { callGently, writeAlone } from "../examples/recipes/lock.js";
import { follow, setAndSee, toggle } from "../examples/recipes/map.js";
import { connectRecipes, openRecipes } from "../examples/recipes/open.js";
import { order, work } from "../examples/recipes/queue.js";
import { everySecond, nightly } from "../examples/recipes/scheduledTask.js";
import { freePorts } from "../packages/cli/src/serving/freePorts.js";
import { expectCodeOfExamples } from "./support/guide.js";

test("the guide to recipes shows only code that stands in the examples", () => {
  expectCodeOfExamples("docs/recipes.md", "examples/recipes");
});

describe("the examples of recipes, in three members and a program that is none", () => {
  const folder = mkdtempSync(join(tmpdir(), "balsa-recipes-"));
  let members: Record<string, string>;
  const opened: Awaited<ReturnType<typeof openRecipes>>[] = [];
  let outside: ReturnType<typeof connectRecipes>;
  let everywhere: Recipes[];

  beforeAll(async () => {
    const ports = await freePorts(3);
    members = Object.fromEntries(["a", "b", "c"].map((id, i) => [id, `127.0.0.1:${String(ports[i])}`]));
    const options = (id: string) => ({
      id,
      dataDirectory: join(folder, id),
      listen: members[id]!,
      members,
      limits: { segmentBytes: 256 * 1024 },
    });
    opened.push(...(await Promise.all(Object.keys(members).map((id) => openRecipes(options(id))))));
    await opened[0]!.node.ready({ timeoutMs: 20_000 });
    outside = connectRecipes(Object.values(members));
    everywhere = [...opened.map(({ recipes }) => recipes), outside.recipes];
  });

  afterAll(async () => {
    await outside.client.close();
    await Promise.all(opened.map(({ node }) => node.close({ timeoutMs: 200 })));
    rmSync(folder, { recursive: true, force: true });
  });

  test("one process at a time writes, in whichever of them the lock is taken", async () => {
    const storage = new FencedStorage();
    const taken = await Promise.all(everywhere.map((recipes, i) => writeAlone(recipes, storage, `w${String(i)}`)));
    expect(taken).toEqual([true, true, true, true]);
    expect(storage.written.sort()).toEqual(["w0", "w1", "w2", "w3"]);
    expect(storage.write("late", 1)).toBe(false);
  });

  test("three at a time call", async () => {
    let now = 0;
    let most = 0;
    const call = async (): Promise<void> => {
      now += 1;
      most = Math.max(most, now);
      await outside.recipes.counter("calls").add(1);
      now -= 1;
    };
    await Promise.all([...everywhere, ...everywhere].map((recipes) => callGently(recipes, call)));
    expect(most).toBeLessThanOrEqual(3);
    expect(await everywhere[0]!.counter("calls").value()).toBe(8);
  });

  test("a lock that is not free is not had in time, and whoever gave up is not in the way", async () => {
    const lock = outside.recipes.lock("busy", { owner: "holder" });
    const lease = await lock.acquire();
    await expect(everywhere[0]!.lock("busy").acquire({ timeoutMs: 50 })).rejects.toMatchObject({ code: "TIMED_OUT" });
    const stop = new AbortController();
    const waiting = everywhere[1]!.lock("busy").acquire({ signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(await everywhere[2]!.lock("busy").tryAcquire()).toBeNull();
    expect((await lock.status()).holders).toMatchObject([{ owner: "holder", fence: lease.fence }]);
    await lease.release();
    expect(lease.signal.aborted).toBe(true);
    await using next = await everywhere[2]!.lock("busy").acquire();
    expect(next.fence).toBeGreaterThan(lease.fence);
  });

  test("a job runs where the leader is, or whoever holds a lock", async () => {
    for (const sources of [opened.map(({ node }) => node), everywhere.map((recipes) => recipes.lock("job"))]) {
      const storage = new FencedStorage();
      const stop = new AbortController();
      const jobs = sources.map((source, i) => reportWhileLeading(source, String(i), storage, stop.signal));
      while (storage.written.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      stop.abort();
      await Promise.all(jobs);
      expect(new Set(storage.written).size).toBe(1);
    }
  });

  test("a map is the same for all, and tells of its changes", async () => {
    const stop = new AbortController();
    const seen = await setAndSee(everywhere[0]!, "dark", true, stop.signal);
    expect(seen).toMatchObject({ key: "dark", value: { enabled: true } });
    const toggled = await Promise.all(everywhere.map((recipes) => toggle(recipes, "dark")));
    expect(toggled.filter((enabled) => enabled)).toHaveLength(2);
    const changes: MapChange<{ readonly enabled: boolean }>[] = [];
    for await (const change of follow(outside.recipes, seen!.revision, stop.signal)) {
      changes.push(change);
      if (changes.length === 4) break;
    }
    expect(changes.map(({ value }) => value?.enabled)).toEqual([false, true, false, true]);
    const all = [];
    for await (const entry of outside.recipes.map("flags").entries()) all.push(entry.key);
    expect(all).toEqual(["dark"]);
    stop.abort();
  });

  test("limits hold over all processes", async () => {
    const waits = await Promise.all(
      [...everywhere, ...everywhere, ...everywhere].map((recipes) => admit(recipes, "c")),
    );
    expect(waits.filter((waitMs) => waitMs === 0).length).toBeGreaterThanOrEqual(10);
    expect(waits.filter((waitMs) => waitMs > 0).length).toBeGreaterThan(0);
    const sold = await Promise.all(everywhere.map((recipes) => sell(recipes, 30)));
    expect(sold.filter((done) => done)).toHaveLength(3);
  });

  test("an order is carried out once, though its first sending fails", async () => {
    vi.spyOn(console, "error").mockImplementation(() => undefined);
    const sent: string[] = [];
    const stop = new AbortController();
    let failures = 1;
    const workers = everywhere.map((recipes) =>
      work(
        recipes,
        async ({ to }) => {
          if (to === "y" && failures-- > 0) throw new Error("the mail server is away");
          sent.push(to);
          await Promise.resolve();
        },
        stop.signal,
      ),
    );
    const orders = ["x", "y", "x"].map((to) => order(outside.recipes, `to ${to}`, { to }));
    expect((await Promise.all(orders)).filter((taken) => taken)).toHaveLength(2);
    while (sent.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    const queue = outside.recipes.queue("mails");
    while ((await queue.status()).leased > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await Promise.all(workers);
    expect(console.error).toHaveBeenCalledTimes(1);
    vi.restoreAllMocks();
    expect(sent.sort()).toEqual(["x", "y"]);
    expect(await order(everywhere[0]!, "to x", { to: "x" })).toBe(false);
  });

  test("what makes no sense is said to make none, and nothing is done", async () => {
    const { recipes } = outside;
    await expect(recipes.lock("l", { ttlMs: 0 }).acquire()).rejects.toMatchObject({ code: "MALFORMED" });
    await expect(recipes.counter("odd").add(0.5)).rejects.toMatchObject({ code: "MALFORMED" });
    await expect(recipes.map("m").set("k", undefined)).rejects.toMatchObject({ code: "MALFORMED" });
    await expect(recipes.semaphore("s", 1).acquire()).resolves.toMatchObject({ isHeld: true });
    await expect(recipes.semaphore("s", 2).acquire()).rejects.toMatchObject({ code: "PERMITS_DIFFER" });
    for (const options of [
      { cron: "every now and then", onError: console.error },
      { cron: "0 0 * * *", timeZone: "Nowhere/Land", onError: console.error },
    ]) {
      const bad = () => recipes.task("t", options, () => Promise.resolve());
      expect(bad).toThrow(expect.objectContaining({ code: "BAD_CRON" }) as Error);
    }
    expect(await recipes.counter("odd").value()).toBe(0);
  });

  test("a task runs once for each time that it is due", async () => {
    const ticks: number[] = [];
    const stop = new AbortController();
    const tick = (dueAt: Date): Promise<void> => {
      ticks.push(dueAt.getTime());
      return Promise.resolve();
    };
    const tasks = everywhere.map((recipes) => everySecond(recipes, tick).run(stop.signal));
    while (ticks.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await Promise.all(tasks);
    expect(new Set(ticks).size).toBe(ticks.length);
    const next = nightly(outside.recipes, () => Promise.resolve()).nextAfter(new Date("2030-07-01T00:00:00Z"));
    expect(next?.toISOString()).toBe("2030-07-01T01:00:00.000Z");
  });
});
