import { describe, expect, test } from "vitest";
import { renderFinalStates, renderQuietly, renderReport, type ReportContext } from "../src/render/report.js";
import { plain } from "../src/render/style.js";
import { violationLine } from "../src/render/verdict.js";
import { sampleReport } from "./support/sampleReport.js";

const context: ReportContext = {
  paint: plain,
  width: 80,
  wallMs: 20,
  replay: "balsa sim --seed 42",
  interrupted: false,
  inputLine: null,
};

const violation = {
  check: "electionSafety",
  step: 321,
  timeMs: 3_210,
  node: "n2",
  message: "n1 and n2 both lead term 4.",
};

describe("a report", () => {
  test("shows the final states as a table", () => {
    expect(renderFinalStates(sampleReport().finalStates)).toEqual([
      "  node  role      term  commit index  applied  machine",
      "  n1    follower     2         1,002    1,002  counter at 10",
      "  n2    leader       2         1,002    1,002  counter at 10",
      "  n3    down         2             -        -  -",
    ]);
  });

  test("shows a key-value machine by its keys and the beginning of its hash", () => {
    const machine = { keys: 1, sha256: "abcdef0123456789" };
    const state = { id: "n1", role: "leader", term: 1, commitIndex: 3, lastApplied: 3, machine } as const;
    expect(renderFinalStates([state])[1]).toMatch(/1 key, sha256 abcdef01…$/);
  });

  test("ends with the verdict and the command that replays the run", () => {
    const { violations, rest } = renderReport(sampleReport(), context);
    expect(violations).toEqual([]);
    expect(rest.slice(-4)).toEqual([
      "OK: all held. 2 rules checked 10,000 times.",
      "  simulated 10 s in 20 ms, 500 times as fast as life",
      "  2 elections won, 54,321 steps, digest 0123456789abcdef",
      "  replay: balsa sim --seed 42",
    ]);
  });

  test("tells percentiles, faults and recovery, within 80 columns", () => {
    const { rest } = renderReport(sampleReport(), context);
    expect(rest).toContain("  commands    999  1.0   2.3  2.0  4.0  250.5  400.0");
    expect(rest).toContain("  crashes 1, partitions 1");
    expect(rest).toContain("  recovery: served again 120 ms after a majority was healed");
    for (const line of rest) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("says how many nodes have left that have no lane in the timeline", () => {
    const { rest } = renderReport(sampleReport({ lanesOmitted: 20 }), context);
    expect(rest).toContain("  20 nodes that left earlier not shown");
    expect(renderReport(sampleReport(), context).rest.join("\n")).not.toContain("that left earlier");
  });

  test("tells a violation in one line: what, at which step, and how to replay it", () => {
    expect(violationLine(violation, "balsa sim --seed 42")).toBe(
      "VIOLATED: election safety, at step 321 (3.210 s, n2): n1 and n2 both lead term 4. Replay: balsa sim --seed 42",
    );
    expect(violationLine({ ...violation, message: "Two leaders" }, "x")).toContain("): Two leaders. Replay: x");
    const { violations, rest } = renderReport(sampleReport({ ok: false, violations: [violation] }), context);
    expect(violations).toEqual([violationLine(violation, "balsa sim --seed 42")]);
    expect(rest.some((line) => line.startsWith("OK"))).toBe(false);
  });

  test("tells an undecided history from one that was never looked at", () => {
    const linearizable = "unknown";
    const ended = renderReport(sampleReport({ linearizable, checks: { linearizability: 0 } }), context).rest;
    expect(ended).toContain("  linearizable: not looked at: the run ended before");
    const decided = renderReport(sampleReport({ linearizable, checks: { linearizability: 1 } }), context).rest;
    expect(decided).toContain("  linearizable: unknown: the history was too large to decide");
  });

  test("passes over checks that were never made, and over a pace that is life's own", () => {
    const checks = { electionSafety: 3, leaseSafety: 0 };
    const { rest } = renderReport(sampleReport({ checks }), { ...context, wallMs: 9_000 });
    expect(rest).toContain("  election safety 3");
    expect(rest).toContain("  simulated 10 s in 9 s");
  });

  test.each([
    [1, "  1 fault of the list did not strike"],
    [2, "  2 faults of the list did not strike"],
  ])("says that %d faults never struck", (faultsNotStruck, line) => {
    expect(renderReport(sampleReport({ faultsNotStruck }), context).rest).toContain(line);
    expect(renderReport(sampleReport(), context).rest.join("\n")).not.toContain("did not strike");
  });

  test("says nothing but the verdict when it is to be quiet", () => {
    expect(renderQuietly(sampleReport(), context).rest).toHaveLength(4);
    const violated = renderQuietly(sampleReport({ ok: false, violations: [violation] }), context);
    expect([violated.violations.length, violated.rest.length]).toEqual([1, 0]);
  });

  test.each([
    ["INTERRUPTED: nothing was violated so far.", {}, { interrupted: true }],
    [
      "STOPPED: line 3 of the input is wrong. 999 commands committed before.",
      { ok: false, inputError: "line 3" },
      { inputLine: 3 },
    ],
    ["STOPPED: the input broke off. 999 commands committed before.", { ok: false, inputError: "gone" }, {}],
    ["NOT OK.", { ok: false }, {}],
  ])("never says OK of a run that is not: %s", (verdict, changes, how) => {
    expect(renderReport(sampleReport(changes), { ...context, ...how }).rest).toContain(verdict);
  });
});
