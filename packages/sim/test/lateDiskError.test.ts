import { expect, it } from "vitest";
import { simulate, type Scenario, type TraceEvent } from "../src/index.js";

/** The disk is so slow that a sync which is to fail ends only when the fault is over. */
const SCENARIO: Scenario = {
  version: 1,
  seed: 3,
  nodes: 3,
  machine: "counter",
  workload: { ratePerSecond: 50 },
  durationMs: 6_000,
  faults: [
    { kind: "slowDisk", atMs: 1_000, durationMs: 3_000, node: "leader", syncMs: 200 },
    { kind: "diskError", atMs: 1_500, durationMs: 300, node: "leader" },
  ],
};

it("a replica that stops when the fault of its disk is over already is started again", () => {
  const events: TraceEvent[] = [];
  const report = simulate(SCENARIO, { onTrace: (event) => events.push(event) });
  expect(report.violations).toEqual([]);
  const fault = report.injected.find(({ kind }) => kind === "diskError");
  const node = fault?.nodes[0];
  const stopped = events.find((event) => event.what === "stopped" && event.node === node);
  expect(stopped?.timeMs).toBeGreaterThan(1_800);
  const started = events.find(
    (event) => event.what === "started" && event.node === node && event.timeMs > (stopped?.timeMs ?? 0),
  );
  expect(started?.timeMs).toBeLessThan(SCENARIO.durationMs ?? 0);
});
