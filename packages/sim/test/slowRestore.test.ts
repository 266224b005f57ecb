import { expect, it } from "vitest";
import { simulate, type Scenario, type TraceEvent } from "../src/index.js";

/** With this seed it is looked whether all have caught up just when the last one has its snapshot, but not yet restored it. */
const SCENARIO: Scenario = {
  version: 1,
  seed: 331,
  nodes: 3,
  machine: "kv",
  raft: { logTailEntries: 0, snapshotChunkBytes: 64 },
  replica: { segmentBytes: 4_096, snapshotEveryBytes: 512 },
  workload: { ratePerSecond: 60 },
  durationMs: 10_000,
  faults: { classes: ["network", "crash", "disk"], intensity: 5 },
};
/** How often it is looked. */
const POLL_MS = 10;

it("a run ends when the snapshot that was installed last is also in the state machine", () => {
  const events: TraceEvent[] = [];
  const report = simulate(SCENARIO, { onTrace: (event) => events.push(event) });
  expect(report.violations).toEqual([]);
  const installed = events.findLast(({ what }) => what === "snapshotInstalled");
  const ended = events.findLast(({ what }) => what === "phase");
  expect(ended!.timeMs - installed!.timeMs, "no look between the two: take another seed").toBeGreaterThan(POLL_MS);
});
