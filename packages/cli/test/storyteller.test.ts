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
