import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { SimulationSummary } from "@balsa/sim";
import { run } from "../src/index.js";
import { chunks, fakeIo } from "./support/fakeIo.js";
import { temporaryFolder } from "./support/temporaryFolder.js";

const file = temporaryFolder();

async function call(line: string, stdin?: AsyncIterable<Uint8Array>) {
  const io = fakeIo(stdin === undefined ? {} : { stdin });
  const status = await run(line.split(" "), io);
  return { status, out: io.out(), err: io.err() };
}

async function callJson(line: string, stdin?: AsyncIterable<Uint8Array>): Promise<SimulationSummary> {
  const { status, out, err } = await call(`${line} --json`, stdin);
  expect([status, err]).toEqual([0, ""]);
  return JSON.parse(out) as SimulationSummary;
}

const machines = (summary: SimulationSummary): unknown[] => summary.finalStates.map(({ machine }) => machine);

describe("the smallest run", () => {
  const smallest = "sim --nodes 3 --commands 10 --machine counter --faults none";

  test("leaves every node with the counter at 10", async () => {
    const summary = await callJson(`${smallest} --seed 1`);
    expect(summary).toMatchObject({ ok: true, seed: 1, nodes: 3, commandsSubmitted: 10, commandsCommitted: 10 });
    expect(summary).toMatchObject({ violations: [], linearizable: true });
    expect(machines(summary)).toEqual([10, 10, 10]);
  });

  test("is the same run for the same seed, however it is watched", async () => {
    const { digest } = await callJson(`${smallest} --seed 5`);
    expect((await callJson(`${smallest} --seed 5 --trace ${file("run.jsonl")}`)).digest).toBe(digest);
    expect((await callJson(`${smallest} --seed 6`)).digest).not.toBe(digest);
  });

  test("is told to a person in lines of at most 80 characters", async () => {
    const { status, out } = await call(`${smallest} --seed 1`);
    expect(status).toBe(0);
    expect(out).toMatch(/n\d +leads term \d/);
    expect(out).toContain("counter at 10");
    const replay = /^ {2}replay: balsa (sim .*)$/m.exec(out)?.[1] ?? "";
    for (const line of out.split("\n"))
      if (!line.includes("replay:")) expect(line.length, line).toBeLessThanOrEqual(80);
    expect((await callJson(replay)).ok).toBe(true);
  });
});

describe("input", () => {
  test("is applied in order and each line exactly once, whatever faults strike", async () => {
    const amounts = Array.from({ length: 300 }, (_, index) => index + 1);
    const text = amounts.map((amount) => `add ${String(amount)}\n`).join("");
    const summary = await callJson("sim --machine counter --faults all --seed 3 --input -", chunks(text));
    expect(summary.commandsCommitted).toBe(300);
    // Whoever was taken out of the cluster knows what there was until then.
    const members = summary.finalStates.filter(({ role, machine }) => role !== "removed" && machine !== null);
    expect(new Set(members.map(({ machine }) => machine))).toEqual(new Set([45_150]));
  });

  test("of the key-value machine leaves what its lines say, by the hash of its pairs", async () => {
    const lines = ["put b 1", "put a x", "append a y", 'cas b 1 "two words"', "put c 3", "delete c", "get a"];
    const path = file("commands.txt", `${lines.join("\n")}\n`);
    const summary = await callJson(`sim --nodes 3 --machine kv --faults none --seed 1 --input ${path}`);
    const pairs = [
      ["a", "xy"],
      ["b", "two words"],
    ];
    const sha256 = createHash("sha256").update(JSON.stringify(pairs)).digest("hex");
    expect(machines(summary)).toEqual(new Array(3).fill({ keys: 2, sha256 }));
  });

  test("that breaks off in a stream leaves what was committed before", async () => {
    const stream = chunks("add 1\nadd 2\n", "add three\nadd 4\n");
    const { status, out, err } = await call("sim --nodes 3 --machine counter --faults none --json --input -", stream);
    expect(status).toBe(2);
    expect(err).toContain("standard input, line 3");
    const summary = JSON.parse(out) as SimulationSummary;
    expect(summary).toMatchObject({ ok: false, commandsCommitted: 2, error: { code: "BAD_INPUT", line: 3 } });
    expect(machines(summary)).toEqual([3, 3, 3]);
  });
});

test("the demonstration holds: 1,000 commands, and every fault that it promises", async () => {
  const summary = await callJson("demo");
  expect(summary).toMatchObject({ ok: true, nodes: 5, commandsCommitted: 1_000, linearizable: true });
  expect(summary.faults).toMatchObject({ crashes: 1, clusterCrashes: 1, partitions: 1, membersAdded: 1 });
  expect(summary.faults.lossyNetworks).toBe(1);
});

test("a run with all faults holds, and its Perfetto trace is a JSON document", async () => {
  const path = file("run.perfetto.json");
  const summary = await callJson(`sim --seed 1 --faults all --duration 10s --trace ${path}`);
  expect(summary.ok).toBe(true);
  const document = JSON.parse(readFileSync(path, "utf8")) as { traceEvents: unknown[] };
  expect(document.traceEvents.length).toBeGreaterThan(100);
});
