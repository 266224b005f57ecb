import { expect, test } from "vitest";
import type { TraceEvent } from "@balsa/sim";
import { Storyteller } from "../src/render/storyteller.js";
import { plain } from "../src/render/style.js";

test("a configuration that every member sees committed is told once, and the next one again", () => {
  const teller = new Storyteller(plain, 80);
  const committed = (node: string, index: number): TraceEvent => {
    const members = { voters: ["n1", "n2"], votersOutgoing: [], learners: [] };
    return { timeMs: 1, step: 1, node, what: "configurationCommitted", index, ...members };
  };
  const told = [committed("n1", 5), committed("n2", 5), committed("n1", 9), committed("n2", 9)];
  expect(told.map((event) => teller.tell(event).length)).toEqual([1, 0, 1, 0]);
});

test("a start is told where the node had stopped before, not at the beginning of the run", () => {
  const teller = new Storyteller(plain, 80);
  const started: TraceEvent = { timeMs: 1, step: 1, node: "n1", what: "started", lastLogIndex: 1, tornBytes: 0 };
  const stopped: TraceEvent = { timeMs: 1, step: 1, node: "n1", what: "stopped", reason: "crashed" };
  const told = [started, { ...started, node: "n2" }, stopped, started, started];
  expect(told.map((event) => teller.tell(event).length)).toEqual([0, 0, 1, 1, 0]);
});
