import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/machine/json.js";
import { decodeRecipeAnswer, RecipesMachine, type RecipeKind } from "../../src/machine/recipesMachine.js";
import { MachineDriver } from "../support/machineDriver.js";

const token = fc.constantFrom("t1", "t2", "t3");
const key = fc.constantFrom("a", "b", "c");
const ttlMs = fc.constantFrom(10, 50, 500);
const body = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields) as fc.Arbitrary<JsonObject>;
const just = fc.constant;

const semaphore = fc.oneof(
  body({ do: just("acquire"), token, owner: just("o"), ttlMs, permits: just(1), wait: fc.boolean() }),
  body({ do: just("renew"), token, ttlMs }),
  body({ do: just("release"), token }),
);
const map = fc.oneof(
  body({ do: just("set"), key, value: fc.integer() }),
  body({ do: just("set"), key, value: just(null), ifRevision: fc.nat(20) }),
  body({ do: just("delete"), key }),
);
const counter = body({ do: just("add"), amount: fc.integer({ min: -3, max: 3 }), least: just(-5), most: just(5) });
const limiter = body({
  do: just("take"),
  key,
  amount: fc.integer({ min: 0, max: 5 }),
  capacity: just(5),
  perSecond: just(20),
});
const queue = fc.oneof(
  body({ do: just("send"), id: token, body: fc.integer() }),
  body({ do: just("receive"), limit: just(2), leaseMs: ttlMs, mostDeliveries: just(3) }),
  body({ do: just("complete"), id: token, receipt: fc.integer({ min: 1, max: 30 }), rememberMs: just(100) }),
  body({ do: just("giveBack"), id: token, receipt: fc.integer({ min: 1, max: 30 }), delayMs: fc.constantFrom(0, 20) }),
  body({ do: just("settleDead"), id: token, again: fc.boolean() }),
);
const task = fc.oneof(
  body({
    do: just("claim"),
    token,
    occurrenceMs: fc.integer({ min: 1, max: 9 }),
    oldestMs: fc.constantFrom(0, 1),
    ttlMs,
    retry: fc.boolean(),
  }),
  body({ do: just("renew"), token, ttlMs }),
  body({ do: just("finish"), token, again: fc.boolean() }),
);
const command = fc.oneof(
  ...Object.entries({ semaphore, map, counter, limiter, queue, task }).map(([kind, one]) =>
    fc.tuple(fc.constant(kind as RecipeKind), fc.constantFrom("x", "y"), one, fc.nat(40)),
  ),
);

const questions: readonly (readonly [RecipeKind, JsonObject])[] = [
  ["semaphore", {}],
  ["map", { ask: "page", after: 0, limit: 10 }],
  ["map", { ask: "changes", after: 0, limit: 100 }],
  ["counter", {}],
  ["limiter", { key: "a" }],
  ["queue", {}],
  ["queue", { ask: "dead", limit: 10 }],
  ["task", {}],
];

describe("the recipes' machine", () => {
  test("goes on from its snapshot exactly as it would have", () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 80 }),
        fc.nat(80),
        fc.integer({ min: 1, max: 99 }),
        (all, at, chunk) => {
          const [one, other] = [new MachineDriver(), new MachineDriver()];
          all.forEach(([kind, name, fields, afterMs], i) => {
            if (i === at) other.restart(chunk);
            one.nowMs += afterMs;
            other.nowMs += afterMs;
            expect(other.command(kind, name, fields)).toEqual(one.command(kind, name, fields));
            for (const [asked, question] of questions) {
              expect(other.query(asked, name, question)).toEqual(one.query(asked, name, question));
            }
          });
          expect(other.snapshotBytes()).toEqual(one.snapshotBytes());
        },
      ),
      { numRuns: 200 },
    );
  });

  test("a snapshot shows nothing of what comes after it was begun", () => {
    const driver = new MachineDriver();
    driver.command("map", "m", { do: "set", key: "k", value: 1 });
    driver.command("queue", "q", { do: "send", id: "i", body: "b" });
    const before = driver.snapshotBytes();
    const source = driver.machine.snapshot();
    driver.command("map", "m", { do: "set", key: "k", value: 2 });
    driver.command("queue", "q", { do: "receive", limit: 1, leaseMs: 10, mostDeliveries: 1 });
    const read: number[] = [];
    for (let chunk = source.read(7); chunk !== null; chunk = source.read(7)) read.push(...chunk);
    expect(Uint8Array.from(read)).toEqual(before);
  });

  test("answers whatever it can make nothing of, and stays as it was", () => {
    const driver = new MachineDriver();
    driver.command("counter", "c", { do: "add", amount: 4 });
    const encoder = new TextEncoder();
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 50 }),
      fc.json().map((text) => encoder.encode(text)),
      fc
        .tuple(
          fc.constantFrom("semaphore", "map", "counter", "limiter", "queue", "task", "none"),
          fc.jsonValue(),
          fc.jsonValue(),
        )
        .map((request) => encoder.encode(JSON.stringify(request))),
      fc
        .tuple(
          fc.constantFrom("semaphore", "map", "limiter", "queue", "task"),
          fc.dictionary(fc.constantFrom("do", "ask", "key", "token", "id", "ttlMs"), fc.jsonValue()),
        )
        .map(([kind, fields]) => encoder.encode(JSON.stringify([kind, "n", fields]))),
    );
    fc.assert(
      fc.property(bytes, (request) => {
        const size = driver.machine.size;
        expect(() => decodeRecipeAnswer(driver.machine.apply([request], [0])[0]!)).toThrow(
          expect.objectContaining({ code: "MALFORMED" }) as Error,
        );
        expect(driver.machine.size).toBe(size);
        JSON.parse(new TextDecoder().decode(driver.machine.query(request)));
      }),
      { numRuns: 500 },
    );
    expect(driver.query("counter", "c", {})).toEqual({ value: 4 });
  });

  test("takes nothing that is nested so deeply that it could not be written out again", () => {
    const driver = new MachineDriver();
    const nested = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth)) as Json;
    const set = (depth: number) => driver.command("map", "m", { do: "set", key: "k", value: nested(depth) });
    const deep = `["map","m",{"do":"set","key":"k","value":${"[".repeat(500_000)}${"]".repeat(500_000)}}]`;
    const [answer] = driver.machine.apply([new TextEncoder().encode(deep)], [0]);
    expect(() => decodeRecipeAnswer(answer!)).toThrow(/nested/u);
    expect(() => set(63)).toThrow(/nested/u);
    expect(set(62)).toMatchObject({ done: true });
    driver.restart();
    expect(driver.query("map", "m", { ask: "get", key: "k" })).toMatchObject({ value: nested(62) });
  });

  test("refuses a snapshot that is none of its own, and keeps what it had", () => {
    const driver = new MachineDriver();
    driver.command("counter", "c", { do: "add", amount: 4 });
    for (const text of [
      "",
      "x",
      "{}",
      '{"format":2,"revision":1,"nowMs":1,"fence":1}',
      '{"format":1,"revision":1,"nowMs":1,"fence":1}\n={}',
    ]) {
      const sink = driver.machine.restore();
      sink.write(new TextEncoder().encode(text));
      expect(() => sink.finish(), text).toThrow();
    }
    expect(driver.query("counter", "c", {})).toEqual({ value: 4 });
  });

  test("keeps nothing of a part in which nothing is left", () => {
    const driver = new MachineDriver();
    driver.command("semaphore", "s", { do: "acquire", token: "t", owner: "o", ttlMs: 10, permits: 1, wait: true });
    driver.command("counter", "c", { do: "add", amount: 1 });
    expect(driver.machine.size).toBe(2);
    driver.command("semaphore", "s", { do: "release", token: "t" });
    driver.command("counter", "c", { do: "add", amount: -1 });
    expect(driver.machine.size).toBe(0);
    expect(new RecipesMachine().size).toBe(0);
  });
});
