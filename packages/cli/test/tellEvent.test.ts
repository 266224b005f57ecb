import { describe, expect, test } from "vitest";
import type { TraceEvent } from "@balsa/sim";
import { coloured, plain } from "../src/render/style.js";
import { tellAnyEvent, tellEvent } from "../src/render/tellEvent.js";

const at = { timeMs: 1_234.5, step: 7, node: "n1" };

describe("a live line", () => {
  test.each<[TraceEvent, string]>([
    [{ ...at, what: "leaderElected", term: 2 }, "    1.234  n1    leads term 2"],
    [
      { ...at, what: "roleChanged", role: "candidate", term: 3, reason: "no leader for 300 ms" },
      "    1.234  n1    campaigns for term 3: no leader for 300 ms",
    ],
    [
      { ...at, node: "world", what: "faultBegan", fault: "crash", description: "n1 crashes" },
      "    1.234  *     fault: n1 crashes",
    ],
    [
      { ...at, what: "started", lastLogIndex: 9, tornBytes: 12 },
      "    1.234  n1    starts again with its log up to 9, 12 torn bytes cut off",
    ],
    [
      {
        ...at,
        what: "configurationCommitted",
        index: 5,
        voters: ["n1", "n2"],
        votersOutgoing: ["n3"],
        learners: ["n4"],
      },
      "    1.234  n1    membership committed: n1 n2 (jointly with n3), learning: n4",
    ],
    [
      { ...at, node: "world", what: "phase", phase: "liveness", broken: ["n5", "n2"] },
      "    1.234  *     at last n5 and n2 are broken as a test; the others must serve",
    ],
    [
      { ...at, node: "world", what: "phase", phase: "liveness", broken: ["n5"] },
      "    1.234  *     at last n5 is broken as a test; the others must serve",
    ],
    [
      { ...at, node: "world", what: "phase", phase: "liveness", broken: [] },
      "    1.234  *     the faults end; all are healed and must serve again",
    ],
    [
      { ...at, node: "client-12", what: "clientGaveUp", client: 12, operation: "get a", reason: "the run ended" },
      "    1.234  client-12 gave up on get a: the run ended",
    ],
    [
      { ...at, what: "violation", check: "electionSafety", message: "two leaders" },
      "    1.234  n1    VIOLATED: election safety: two leaders",
    ],
  ])("tells virtual time, node and what happened: %#", (event, line) => {
    expect(tellEvent(event, plain, 80)).toEqual([line]);
  });

  test("is not written for messages and other small things", () => {
    const message = { from: "n1", to: "n2", message: "heartbeatRequest", term: 2, detail: "round 1" } as const;
    expect(tellEvent({ ...at, what: "messageSent", ...message }, plain, 80)).toEqual([]);
    expect(tellEvent({ ...at, what: "roleChanged", role: "preCandidate", term: 3, reason: "" }, plain, 80)).toEqual([]);
  });

  test("goes on below where it is longer than the screen is wide", () => {
    const event: TraceEvent = { ...at, what: "stopped", reason: "word ".repeat(30).trim() };
    const lines = tellEvent(event, plain, 80);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^ {19}word/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  test("never lets a control character through to the terminal", () => {
    const event: TraceEvent = { ...at, what: "stopped", reason: "\x1b[2Jgone" };
    expect(tellEvent(event, plain, 80)[0]).toContain("\\x1b[2Jgone");
    expect(tellAnyEvent(event)).toContain("\\x1b[2Jgone");
  });

  test("is coloured only in what happened", () => {
    const [line] = tellEvent({ ...at, what: "stopped", reason: "crash" }, coloured, 80);
    expect(line).toBe("    1.234  n1    \x1b[31mstops: crash\x1b[0m");
  });
});

test("the debug log tells everything of an event on one line", () => {
  const message = { from: "n1", to: "n2", message: "heartbeatRequest", term: 2, detail: "round 1" } as const;
  expect(tellAnyEvent({ ...at, what: "messageDropped", ...message, reason: "loss" })).toBe(
    "    1.234  n1    messageDropped from=n1 to=n2 message=heartbeatRequest term=2 detail=round 1 reason=loss",
  );
});

test("the debug log keeps a space after a long name", () => {
  const called = { what: "clientCalled", client: 1, operation: "get a", sequence: 1 } as const;
  expect(tellAnyEvent({ ...at, node: "client-1", ...called })).toMatch(/ client-1 clientCalled client=1 /);
});
