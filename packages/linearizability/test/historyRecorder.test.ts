import type { CounterInput, CounterOutput } from "@balsa/linearizability";
import { checkHistory, counter, explain, HistoryRecorder, InvalidHistoryError } from "@balsa/linearizability";
import { describe, expect, it } from "vitest";

const add = (amount: number): CounterInput => ({ type: "add", amount });

describe("HistoryRecorder", () => {
  it("numbers invocations and returns in the order of the calls", () => {
    const recorder = new HistoryRecorder<CounterInput, CounterOutput>();
    const first = recorder.invoke("a", add(1));
    const second = recorder.invoke("b", add(2));
    recorder.complete(second, { total: 2 });
    recorder.complete(first, { total: 3 });
    expect(recorder.operations()).toEqual([
      { clientId: "a", input: add(1), output: { total: 3 }, invokedAt: 0, returnedAt: 3 },
      { clientId: "b", input: add(2), output: { total: 2 }, invokedAt: 1, returnedAt: 2 },
    ]);
  });

  it("drops what failed, closes what can no longer happen, and keeps open what was lost", () => {
    const recorder = new HistoryRecorder<CounterInput, CounterOutput>();
    recorder.fail(recorder.invoke("a", add(1)));
    recorder.close(recorder.invoke("b", add(2)));
    recorder.invoke("c", add(3));
    expect(recorder.operations()).toEqual([
      { clientId: "b", input: add(2), output: undefined, invokedAt: 1, returnedAt: 2 },
      { clientId: "c", input: add(3), output: undefined, invokedAt: 3, returnedAt: null },
    ]);
  });

  it("refuses to settle an operation twice, or one that never was", () => {
    const recorder = new HistoryRecorder<CounterInput, CounterOutput>();
    const operation = recorder.invoke("a", add(1));
    recorder.close(operation);
    expect(() => {
      recorder.complete(operation, { total: 1 });
    }).toThrow(InvalidHistoryError);
    expect(() => {
      recorder.fail(99);
    }).toThrow(expect.objectContaining({ code: "INVALID_HISTORY" }));
  });
});

describe("explain", () => {
  it("shows where the order ends and what does not fit after it", () => {
    const recorder = new HistoryRecorder<CounterInput, CounterOutput>();
    recorder.complete(recorder.invoke("a", add(1)), { total: 1 });
    recorder.complete(recorder.invoke("b", { type: "read" }), { total: 0 });
    const text = explain(counter, checkHistory(counter, recorder.operations()));
    expect(text.split("\n")).toEqual([
      "Not linearizable: no order explains all answers.",
      "Operations in the longest order that fits: 1. The last of them:",
      "  [0, 1] client a: add 1 → 1",
      "After it, these were open, and the first could not have got its answer:",
      "  [2, 3] client b: read → 0",
    ]);
  });
});
