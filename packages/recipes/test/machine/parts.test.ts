import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/machine/json.js";
import { MachineDriver } from "../support/machineDriver.js";

describe("a semaphore", () => {
  const start = (permits = 1) => {
    const driver = new MachineDriver();
    return {
      driver,
      acquire: (token: string, more: JsonObject = {}) =>
        driver.command("semaphore", "s", {
          do: "acquire",
          token,
          owner: token,
          ttlMs: 100,
          permits,
          wait: true,
          ...more,
        }),
      renew: (token: string) => driver.command("semaphore", "s", { do: "renew", token, ttlMs: 100 }),
      release: (token: string) => driver.command("semaphore", "s", { do: "release", token }),
      state: (token: string) => driver.query("semaphore", "s", { token }),
    };
  };

  test("is given in the order in which it was asked for, with a higher fence each time", () => {
    const { acquire, release, state } = start();
    expect(acquire("a")).toEqual({ state: "held", fence: 1 });
    expect(acquire("b")).toEqual({ state: "waiting", ahead: 0, freeInMs: 100 });
    expect(acquire("c")).toEqual({ state: "waiting", ahead: 1, freeInMs: 100 });
    expect(release("a")).toEqual({ released: true });
    expect(state("b")).toEqual({ state: "held", fence: 2 });
    expect(state("c")).toMatchObject({ state: "waiting", ahead: 0 });
  });

  test("asked for twice with one token is held or waited for once", () => {
    const { acquire, release, state } = start();
    acquire("a");
    acquire("b");
    expect(acquire("a")).toEqual({ state: "held", fence: 1 });
    expect(acquire("b")).toMatchObject({ state: "waiting", ahead: 0 });
    release("b");
    release("a");
    expect([state("a"), state("b")]).toEqual([{ state: "gone" }, { state: "gone" }]);
  });

  test("is taken from whoever gives no sign in time, and not from who does", () => {
    const { driver, acquire, renew } = start();
    acquire("a");
    driver.nowMs = 60;
    acquire("b");
    driver.nowMs = 99;
    expect(renew("a")).toMatchObject({ state: "held" });
    driver.nowMs = 150;
    expect(renew("b")).toMatchObject({ state: "waiting" });
    driver.nowMs = 199;
    expect(renew("b")).toEqual({ state: "held", fence: 2 });
    expect(renew("a")).toEqual({ state: "gone" });
  });

  test("does not wait for those who wait and are dead", () => {
    const { driver, acquire, renew, release } = start();
    acquire("a");
    acquire("dead");
    driver.nowMs = 90;
    renew("a");
    acquire("c");
    driver.nowMs = 110;
    release("a");
    expect(renew("c")).toMatchObject({ state: "held" });
  });

  test("is not given past those who wait to one who does not want to", () => {
    const { acquire, release } = start();
    acquire("a");
    acquire("b");
    release("a");
    expect(acquire("c", { wait: false })).toEqual({ state: "gone" });
    release("b");
    expect(acquire("c", { wait: false })).toMatchObject({ state: "held" });
  });

  test("has as many permits as its users agree on", () => {
    const { acquire } = start(2);
    expect(acquire("a")).toMatchObject({ state: "held", fence: 1 });
    expect(acquire("b")).toMatchObject({ state: "held", fence: 2 });
    expect(acquire("c")).toMatchObject({ state: "waiting" });
    expect(acquire("d", { permits: 3 })).toEqual({ state: "refused", code: "PERMITS_DIFFER", permits: 2 });
  });

  test("has fences that rise though nothing is kept of it in between", () => {
    const { driver, acquire, release } = start();
    for (const fence of [1, 2, 3]) {
      expect(acquire("a")).toEqual({ state: "held", fence });
      release("a");
      driver.restart();
    }
  });
});

describe("a map", () => {
  const start = () => {
    const driver = new MachineDriver();
    return {
      driver,
      set: (key: string, value: number, more: JsonObject = {}) =>
        driver.command("map", "m", { do: "set", key, value, ...more }),
      remove: (key: string, more: JsonObject = {}) => driver.command("map", "m", { do: "delete", key, ...more }),
      get: (key: string) => driver.query("map", "m", { ask: "get", key }),
      changes: (after: number, limit = 10) => driver.query("map", "m", { ask: "changes", after, limit }),
    };
  };

  test("changes a key only if it is as expected, where that is asked for", () => {
    const { set, remove, get } = start();
    expect(set("k", 1, { ifRevision: 0 })).toEqual({ done: true, revision: 1 });
    expect(set("k", 2, { ifRevision: 0 })).toEqual({ done: false, revision: 1, value: 1 });
    expect(set("k", 3, { ifRevision: 1 })).toEqual({ done: true, revision: 3 });
    expect(remove("k", { ifRevision: 1 })).toEqual({ done: false, revision: 3, value: 3 });
    expect(remove("k", { ifRevision: 3 })).toEqual({ done: true, revision: 5 });
    expect(remove("k")).toEqual({ done: false, revision: 0 });
    expect(get("k")).toEqual({ revision: 0 });
  });

  test("tells each change once, in order, from any revision on", () => {
    const { set, remove, changes } = start();
    set("a", 1);
    set("b", 2);
    remove("a");
    expect(changes(0, 2)).toEqual({
      changes: [
        { revision: 1, key: "a", value: 1 },
        { revision: 2, key: "b", value: 2 },
      ],
      upTo: 2,
      isLast: false,
    });
    expect(changes(2, 2)).toEqual({ changes: [{ revision: 3, key: "a" }], upTo: 3, isLast: true });
    expect(changes(3)).toEqual({ changes: [], upTo: 3, isLast: true });
    set("other", 1);
    expect(changes(3)).toMatchObject({ changes: [{ key: "other" }], upTo: 4 });
  });

  test("is read page by page, and what is deleted meanwhile moves nothing else", () => {
    const { driver, set, remove } = start();
    const page = (after: number) =>
      driver.query("map", "m", { ask: "page", after, limit: 2 }) as { entries: { key: string }[]; next: number };
    for (const key of ["a", "b", "c", "d"]) set(key, 1);
    set("a", 2);
    const first = page(0);
    remove("a");
    set("e", 1);
    const second = page(first.next);
    expect([first, second].map(({ entries }) => entries.map(({ key }) => key))).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    expect(page(second.next)).toMatchObject({ entries: [{ key: "e" }], isLast: true });
  });

  test("forgets changes that are many or large, the earliest first", () => {
    const { driver, changes } = start();
    const value = "x".repeat(1024 * 1024);
    for (let i = 1; i <= 40; i++) driver.command("map", "m", { do: "set", key: "k", value });
    const { forgottenTo } = changes(0) as { forgottenTo: number };
    expect(forgottenTo).toBeGreaterThanOrEqual(10);
    expect(forgottenTo).toBeLessThanOrEqual(25);
    expect(changes(forgottenTo, 1)).toMatchObject({ changes: [{ revision: forgottenTo + 1 }] });
  });

  test("answers with no more than fits into a message, and with one at least", () => {
    const { driver } = start();
    const value = "x".repeat(400_000);
    for (const key of ["a", "b", "c"]) driver.command("map", "m", { do: "set", key, value });
    driver.command("map", "m", { do: "set", key: "huge", value: value.repeat(4) });
    const pages = (ask: string) => {
      const sizes: number[] = [];
      for (let after = 0; ;) {
        const page = driver.query("map", "m", { ask, after, limit: 100 }) as {
          entries?: unknown[];
          changes?: unknown[];
          next?: number;
          upTo?: number;
          isLast: boolean;
        };
        sizes.push((page.entries ?? page.changes)!.length);
        if (page.isLast) return sizes;
        after = page.next ?? page.upTo!;
      }
    };
    expect(pages("page")).toEqual([2, 1, 1]);
    expect(pages("changes")).toEqual([2, 1, 1]);
    for (const id of ["a", "b", "c"]) driver.command("queue", "q", { do: "send", id, body: value });
    const received = () =>
      driver.command("queue", "q", { do: "receive", limit: 10, leaseMs: 10, mostDeliveries: 1 }) as {
        messages: unknown[];
      };
    expect([received().messages.length, received().messages.length]).toEqual([2, 1]);
  });

  test("says so where it has forgotten what is asked for", () => {
    const { set, changes } = start();
    for (let i = 1; i <= 20_000; i++) set("k", i);
    expect(changes(9_999)).toEqual({ forgottenTo: 10_000 });
    expect(changes(10_000)).toMatchObject({ changes: { 0: { revision: 10_001 } } });
  });
});

describe("a rate limiter", () => {
  const take = (driver: MachineDriver, key: string, amount: number) =>
    driver.command("limiter", "l", { do: "take", key, amount, capacity: 10, perSecond: 5 });

  test("allows what is there, and says when there will be enough", () => {
    const driver = new MachineDriver();
    expect(take(driver, "k", 8)).toEqual({ allowed: true, left: 2, retryAfterMs: 0 });
    expect(take(driver, "k", 3)).toEqual({ allowed: false, left: 2, retryAfterMs: 200 });
    driver.nowMs = 199;
    expect(take(driver, "k", 3)).toMatchObject({ allowed: false, retryAfterMs: 1 });
    driver.nowMs = 200;
    expect(take(driver, "k", 3)).toMatchObject({ allowed: true });
    expect(take(driver, "other", 10)).toMatchObject({ allowed: true });
  });

  test("never holds more than its capacity, and forgets keys that are full again", () => {
    const driver = new MachineDriver();
    for (let i = 0; i < 100; i++) take(driver, `k${String(i)}`, 1);
    driver.nowMs = 60_000;
    expect(take(driver, "k0", 10)).toMatchObject({ allowed: true, left: 0 });
    expect(take(driver, "k0", 1)).toMatchObject({ allowed: false });
    for (let i = 0; i < 60; i++) take(driver, "k0", 1);
    expect(driver.query("limiter", "l", { key: "k50" })).toEqual({ left: null });
  });
});

describe("a counter", () => {
  test("keeps within the bounds that are given", () => {
    const driver = new MachineDriver();
    const add = (amount: number) => driver.command("counter", "c", { do: "add", amount, least: 0, most: 3 });
    expect([add(2), add(2), add(1), add(-4)]).toEqual([
      { added: true, value: 2 },
      { added: false, value: 2 },
      { added: true, value: 3 },
      { added: false, value: 3 },
    ]);
  });
});

describe("a queue", () => {
  const start = () => {
    const driver = new MachineDriver();
    const tell = (body: JsonObject) => driver.command("queue", "q", body);
    return {
      driver,
      send: (id: string) => tell({ do: "send", id, body: id }),
      receive: (limit = 1) =>
        (
          tell({ do: "receive", limit, leaseMs: 100, mostDeliveries: 2 }) as {
            messages: { id: string; receipt: number }[];
          }
        ).messages,
      complete: (id: string, receipt: number) => tell({ do: "complete", id, receipt, rememberMs: 1_000 }),
      giveBack: (id: string, receipt: number, delayMs = 0) => tell({ do: "giveBack", id, receipt, delayMs }),
      extend: (id: string, receipt: number) => tell({ do: "extend", id, receipt, leaseMs: 100 }),
      status: () => driver.query("queue", "q", {}),
    };
  };

  test("hands a message to one consumer at a time, and to the next when that one's time is over", () => {
    const { driver, send, receive, complete } = start();
    send("a");
    send("b");
    expect(receive()).toMatchObject([{ id: "a", receipt: 1 }]);
    expect(receive(5)).toMatchObject([{ id: "b", receipt: 2 }]);
    expect(receive()).toEqual([]);
    driver.nowMs = 100;
    expect(receive()).toMatchObject([{ id: "a", receipt: 3, deliveries: 2 }]);
    expect(complete("a", 1)).toEqual({ completed: false });
    expect(complete("a", 3)).toEqual({ completed: true });
    expect(complete("b", 2)).toEqual({ completed: true });
    expect(complete("b", 2)).toEqual({ completed: false });
  });

  test("takes an id once, until long after it is done", () => {
    const { driver, send, receive, complete } = start();
    expect([send("a"), send("a")]).toEqual([{ sent: true }, { sent: false }]);
    const [first] = receive();
    expect(send("a")).toEqual({ sent: false });
    complete("a", first!.receipt);
    driver.nowMs = 999;
    expect(send("a")).toEqual({ sent: false });
    driver.nowMs = 1_000;
    expect(send("a")).toEqual({ sent: true });
  });

  test("keeps a message that was given back for as long as was asked", () => {
    const { driver, send, receive, giveBack } = start();
    send("a");
    expect(giveBack("a", receive()[0]!.receipt, 50)).toEqual({ givenBack: true });
    driver.nowMs = 49;
    expect(receive()).toEqual([]);
    driver.nowMs = 50;
    expect(receive()).toMatchObject([{ id: "a", deliveries: 2 }]);
  });

  test("leaves a message with the consumer who asks for more time", () => {
    const { driver, send, receive, extend } = start();
    send("a");
    const [message] = receive();
    driver.nowMs = 80;
    expect(extend("a", message!.receipt)).toEqual({ extended: true });
    driver.nowMs = 150;
    expect(receive()).toEqual([]);
    driver.nowMs = 180;
    expect(receive()).toMatchObject([{ id: "a" }]);
    expect(extend("a", message!.receipt)).toEqual({ extended: false });
  });

  test("sets aside what was handed out as often as may be", () => {
    const { driver, send, receive, status } = start();
    send("a");
    for (const atMs of [0, 100]) {
      driver.nowMs = atMs;
      expect(receive()).toHaveLength(1);
    }
    driver.nowMs = 200;
    expect(receive()).toEqual([]);
    expect(status()).toEqual({ ready: 0, leased: 0, dead: 1 });
    expect(driver.query("queue", "q", { ask: "dead", limit: 5 })).toEqual([{ id: "a", body: "a", deliveries: 2 }]);
    expect(send("a")).toEqual({ sent: false });
    expect(driver.command("queue", "q", { do: "settleDead", id: "a", again: true })).toEqual({ settled: true });
    expect(receive()).toMatchObject([{ id: "a", deliveries: 1 }]);
  });
});

describe("a task", () => {
  const start = (retry = false) => {
    const driver = new MachineDriver();
    const tell = (body: JsonObject) => driver.command("task", "t", body);
    return {
      driver,
      claim: (token: string, occurrenceMs: number, oldestMs = 1) =>
        tell({ do: "claim", token, occurrenceMs, oldestMs, ttlMs: 100, retry }),
      finish: (token: string, again = false) => tell({ do: "finish", token, again }),
      renew: (token: string) => tell({ do: "renew", token, ttlMs: 100 }),
    };
  };

  test("gives each time to one runner, and none that is past", () => {
    const { claim, finish } = start();
    expect(claim("a", 10)).toEqual({ state: "running", fence: 1 });
    expect(claim("a", 10)).toEqual({ state: "running", fence: 1 });
    expect(claim("b", 10)).toEqual({ state: "busy", occurrenceMs: 10 });
    expect(finish("b")).toEqual({ finished: false });
    expect(finish("a")).toEqual({ finished: true });
    expect(claim("b", 10)).toEqual({ state: "settled" });
    expect(claim("b", 9)).toEqual({ state: "settled" });
    expect(claim("b", 11)).toEqual({ state: "running", fence: 2 });
  });

  test("skips the time of a runner that died, so that it runs once at most", () => {
    const { driver, claim, renew } = start();
    claim("a", 10);
    driver.nowMs = 99;
    renew("a");
    driver.nowMs = 198;
    expect(claim("b", 10)).toMatchObject({ state: "busy" });
    driver.nowMs = 199;
    expect(claim("b", 10)).toEqual({ state: "settled" });
    expect(renew("a")).toEqual({ state: "gone" });
  });

  test("gives it to another where it is to be retried, be it that the runner died or that it failed", () => {
    const { driver, claim, finish } = start(true);
    claim("a", 10);
    driver.nowMs = 100;
    expect(claim("b", 10)).toEqual({ state: "running", fence: 2 });
    finish("b", true);
    expect(claim("c", 11)).toEqual({ state: "owed", occurrenceMs: 10 });
    expect(claim("c", 10)).toEqual({ state: "running", fence: 3 });
    finish("c");
    expect(claim("d", 10)).toEqual({ state: "settled" });
  });

  test("gives up a time that is owed when it is too old", () => {
    const { claim, finish } = start(true);
    claim("a", 10);
    finish("a", true);
    expect(claim("b", 20, 11)).toEqual({ state: "running", fence: 2 });
    finish("b");
    expect(claim("a", 10)).toEqual({ state: "settled" });
  });
});
