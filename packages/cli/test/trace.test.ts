import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { TraceEvent } from "@balsa/sim";
import type { PerfettoEvent } from "../src/trace/perfettoTrace.js";
import { createTracer } from "../src/trace/tracer.js";
import { temporaryFolder } from "./support/temporaryFolder.js";

const file = temporaryFolder();

const message = { from: "n1", to: "n2", message: "heartbeatRequest", term: 2, detail: "round 1" } as const;

const EVENTS: readonly TraceEvent[] = [
  { timeMs: 0, step: 1, node: "n1", what: "started", lastLogIndex: 0, tornBytes: 0 },
  { timeMs: 1, step: 2, node: "n1", what: "roleChanged", role: "leader", term: 2, reason: "won" },
  { timeMs: 2, step: 3, node: "n1", what: "messageSent", ...message },
  { timeMs: 2, step: 3, node: "n1", what: "messageSent", ...message, to: "n3" },
  { timeMs: 3, step: 4, node: "n2", what: "messageDelivered", ...message },
  { timeMs: 3, step: 5, node: "n3", what: "messageDropped", ...message, to: "n3", reason: "loss" },
  { timeMs: 4, step: 6, node: "n1", what: "faultBegan", fault: "pause", description: "n1 stands still" },
  { timeMs: 6, step: 7, node: "n1", what: "faultEnded", fault: "pause", description: "n1 stands still" },
  { timeMs: 7, step: 8, node: "world", what: "faultBegan", fault: "loss", description: "messages are lost" },
  { timeMs: 7, step: 8, node: "n4", what: "faultBegan", fault: "addMember", description: "n4 joins as a learner" },
  { timeMs: 8, step: 9, node: "n1", what: "stopped", reason: "crash" },
  { timeMs: 9, step: 10, node: "world", what: "phase", phase: "liveness", broken: [] },
];

async function trace(name: string): Promise<string> {
  const path = file(name);
  const tracer = await createTracer(path);
  for (const [index, event] of EVENTS.entries()) {
    tracer.take(event);
    if (index % 3 === 0) await tracer.flush();
  }
  await tracer.finish(10);
  return readFileSync(path, "utf8");
}

test("a trace is one event a line, as JSON, in order", async () => {
  const text = await trace("run.jsonl");
  expect(text.endsWith("\n")).toBe(true);
  expect(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(EVENTS);
});

test("a trace that can't be written says which file and why", async () => {
  await expect(createTracer(file("no/such/folder.jsonl"))).rejects.toThrow(
    /^--trace: cannot write .*: there is no such/,
  );
});

describe("a Perfetto trace", () => {
  async function events(): Promise<readonly PerfettoEvent[]> {
    const document = JSON.parse(await trace("run.perfetto.json")) as { traceEvents: PerfettoEvent[] };
    return document.traceEvents;
  }

  test("is a document of the trace event format", async () => {
    for (const event of await events()) {
      expect(event.name).not.toBe("");
      expect("XbesfiM").toContain(event.ph);
      expect(Number.isSafeInteger(event.ts) && event.ts >= 0).toBe(true);
      expect(event.pid).toBeGreaterThan(0);
      expect("dur" in event).toBe(event.ph === "X");
      expect("id" in event).toBe("besf".includes(event.ph));
    }
  });

  test("has a process for each node, with its roles as slices", async () => {
    const all = await events();
    const processes = all.filter(({ name }) => name === "process_name").map(({ args }) => args?.["name"]);
    expect(processes).toEqual(["n1", "n2", "world", "n4"]);
    const roles = all.filter(({ cat }) => cat === "role").map(({ name, ts, dur }) => [name, ts, dur]);
    expect(roles).toEqual([
      ["follower", 0, 1_000],
      ["leader of term 2", 1_000, 7_000],
      ["down", 8_000, 2_000],
    ]);
  });

  test("has an arrow from a message's sending to its arrival, and a start alone for one that was lost", async () => {
    const all = await events();
    const starts = all.filter(({ ph }) => ph === "s");
    const ends = all.filter(({ ph }) => ph === "f");
    expect(starts).toHaveLength(2);
    expect(ends.map(({ id }) => id)).toEqual([starts[0]?.id]);
    for (const end of [...starts, ...ends]) {
      const slice = all.find(
        ({ ph, ts, pid, tid }) => ph === "X" && ts === end.ts && pid === end.pid && tid === end.tid,
      );
      expect(slice, "the slice that the arrow's end hangs on").toBeDefined();
    }
  });

  test("shows a fault from its beginning to its end, or as an instant where it has none", async () => {
    const faults = (await events()).filter(({ cat }) => cat === "faults");
    expect(faults.map(({ name, ph, ts }) => [name, ph, ts])).toEqual([
      ["pause", "b", 4_000],
      ["pause", "e", 6_000],
      ["loss", "b", 7_000],
      ["addMember", "i", 7_000],
      ["loss", "e", 9_000],
    ]);
  });
});
