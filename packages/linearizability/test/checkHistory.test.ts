import type { KeyValueInput, KeyValueOutput, Operation } from "@balsa/linearizability";
import { casRegister, checkHistory, counter, InvalidHistoryError, keyValue, register } from "@balsa/linearizability";
import { describe, expect, it } from "vitest";
import { createTimeline } from "../src/timeline.js";

function operation<Input, Output>(
  invokedAt: number,
  returnedAt: number | null,
  input: Input,
  output: Output,
): Operation<Input, Output> {
  return { clientId: invokedAt, input, output, invokedAt, returnedAt };
}

/** An operation whose outcome is unknown, and which may take effect until it is closed. */
function lost<Input>(invokedAt: number, closedAt: number | null, input: Input): Operation<Input, never> {
  return { clientId: invokedAt, input, output: undefined, invokedAt, returnedAt: closedAt };
}

const write = (value: number) => ({ type: "write", value }) as const;
const read = { type: "read" } as const;
const cas = (expected: number | null, value: number) => ({ type: "cas", expected, value }) as const;
const written = { type: "written" } as const;
const found = (value: number | null) => ({ type: "read", value }) as const;
const swapped = (yes: boolean) => ({ type: "cas", swapped: yes }) as const;
const add = (amount: number) => ({ type: "add", amount }) as const;

describe("a register", () => {
  it("may answer with either value while a write is under way", () => {
    for (const value of [null, 1]) {
      const history = [operation(0, 9, write(1), written), operation(1, 2, read, found(value))];
      expect(checkHistory(register, history).verdict).toBe("linearizable");
    }
  });

  it("may not give a stale read: an old value after a newer write has returned", () => {
    const history = [
      operation(0, 1, write(1), written),
      operation(2, 3, write(2), written),
      operation(4, 5, read, found(1)),
    ];
    expect(checkHistory(register, history).verdict).toBe("illegal");
  });

  it("may not give a read from the future: a value that is only written after the read has returned", () => {
    const history = [operation(0, 1, read, found(1)), operation(2, 3, write(1), written)];
    expect(checkHistory(register, history).verdict).toBe("illegal");
  });

  it("may not go back: new value, then old value, while one write is under way", () => {
    const history = [
      operation(0, 9, write(1), written),
      operation(1, 2, read, found(1)),
      operation(3, 4, read, found(null)),
    ];
    expect(checkHistory(register, history).verdict).toBe("illegal");
  });

  it("treats operations that touch at the same moment as overlapping", () => {
    const history = [operation(0, 1, write(1), written), operation(1, 2, read, found(null))];
    expect(checkHistory(register, history).verdict).toBe("linearizable");
  });

  it("tells apart a number and the string that looks like it, and unset from both", () => {
    for (const value of ["1", "nil", null]) {
      const history = [operation(0, 1, write(1), written), operation(2, 3, read, { type: "read", value } as const)];
      expect(checkHistory(register, history).verdict).toBe("illegal");
    }
  });
});

describe("a write whose outcome is unknown", () => {
  it("may be seen much later", () => {
    const history = [
      lost(0, null, write(1)),
      operation(1, 2, read, found(null)),
      operation(3, 4, write(2), written),
      operation(5, 6, read, found(1)),
    ];
    const result = checkHistory(register, history);
    expect(result.verdict === "linearizable" && result.order.map(({ invokedAt }) => invokedAt)).toEqual([1, 3, 0, 5]);
  });

  it("may never be seen", () => {
    const history = [lost(0, null, write(1)), operation(1, 2, write(2), written), operation(3, 4, read, found(2))];
    const result = checkHistory(register, history);
    expect(result.verdict === "linearizable" && result.order.map(({ invokedAt }) => invokedAt)).toEqual([1, 3]);
  });

  it("may not be seen and then unseen", () => {
    const history = [lost(0, null, write(1)), operation(1, 2, read, found(1)), operation(3, 4, read, found(null))];
    expect(checkHistory(register, history).verdict).toBe("illegal");
  });

  it("may not take effect twice", () => {
    const history = [
      lost(0, null, write(1)),
      operation(1, 2, read, found(1)),
      operation(3, 4, write(2), written),
      operation(5, 6, read, found(1)),
    ];
    expect(checkHistory(register, history).verdict).toBe("illegal");
  });

  it("may not be seen before it was invoked", () => {
    const history = [operation(0, 1, read, found(1)), lost(2, null, write(1))];
    expect(checkHistory(register, history).verdict).toBe("illegal");
  });

  it("may, once closed, have happened before that or never, but not after", () => {
    const closed = lost(0, 3, write(1));
    const between = operation(1, 2, read, found(null));
    const later = (value: number | null) => operation(4, 5, read, found(value));
    const last = (value: number | null) => operation(6, 7, read, found(value));
    expect(checkHistory(register, [closed, between, later(1), last(1)]).verdict).toBe("linearizable");
    expect(checkHistory(register, [closed, between, later(null), last(null)]).verdict).toBe("linearizable");
    expect(checkHistory(register, [closed, between, later(null), last(1)]).verdict).toBe("illegal");
  });
});

describe("several lost operations with the same input", () => {
  it("are exchangeable, as long as the one that closes first is used first", () => {
    const history = [
      lost(0, null, add(1)),
      lost(1, 5, add(1)),
      operation(2, 3, read, { total: 1 }),
      operation(6, 7, read, { total: 1 }),
      operation(8, 9, read, { total: 2 }),
    ];
    expect(checkHistory(counter, history).verdict).toBe("linearizable");
  });

  it("cost no more than their number", () => {
    const history = Array.from({ length: 40 }, (_, index) => lost(index, null, add(1)));
    const result = checkHistory(counter, [...history, operation(50, 51, read, { total: 41 })]);
    expect(result).toMatchObject({ verdict: "illegal", statesExplored: 41 });
  });
});

describe("many overlapping reads", () => {
  it("cost no more than their number", () => {
    const reads = Array.from({ length: 40 }, (_, index) => operation(index, 100 + index, read, found(null)));
    const result = checkHistory(register, [...reads, operation(200, 201, read, found(1))]);
    expect(result).toMatchObject({ verdict: "illegal", statesExplored: 41 });
  });
});

describe("a compare-and-set register", () => {
  it("has a hash of its own for each state that could be taken for another", () => {
    const values = [null, "nil", "=nil", 1, "1", "=1", "", 0];
    expect(new Set(values.map((value) => casRegister.hash?.(value))).size).toBe(values.length);
  });

  it("lets only one of two overlapping compare-and-sets from the same value succeed", () => {
    const both = (second: boolean) => [
      operation(0, 3, cas(null, 1), swapped(true)),
      operation(1, 2, cas(null, 2), swapped(second)),
    ];
    expect(checkHistory(casRegister, both(false)).verdict).toBe("linearizable");
    expect(checkHistory(casRegister, both(true)).verdict).toBe("illegal");
  });

  it("refuses a failure where the expected value was there all along", () => {
    const history = [operation(0, 1, write(1), written), operation(2, 3, cas(1, 2), swapped(false))];
    expect(checkHistory(casRegister, history).verdict).toBe("illegal");
  });
});

describe("a counter", () => {
  it("may not lose an update", () => {
    const history = [operation(0, 1, add(1), { total: 1 }), operation(2, 3, add(1), { total: 1 })];
    expect(checkHistory(counter, history).verdict).toBe("illegal");
  });

  it("may not count a command twice", () => {
    const history = [operation(0, 1, add(2), { total: 2 }), operation(2, 3, read, { total: 4 })];
    expect(checkHistory(counter, history).verdict).toBe("illegal");
  });

  it("finds which of many lost additions must have happened", () => {
    const additions = [1, 2, 4, 8, 16, 32, 64].map((amount, index) => lost(index, null, add(amount)));
    const result = checkHistory(counter, [...additions, operation(10, 11, read, { total: 82 })]);
    expect(result.verdict === "linearizable" && result.order.length).toBe(4);
    expect(checkHistory(counter, [...additions, operation(10, 11, read, { total: 128 })]).verdict).toBe("illegal");
  });
});

describe("a key-value store", () => {
  it("tells an absent key from an empty value", () => {
    expect(keyValue.equals(null, "")).toBe(false);
  });

  const append = (key: string, value: string) => ({ type: "append", key, value }) as const;
  const get = (key: string) => ({ type: "get", key }) as const;
  const done = { type: "done" } as const;
  const value = (text: string | null) => ({ type: "value", value: text }) as const;

  it("may not append twice for one command", () => {
    const history = [operation(0, 1, append("k", "x"), done), operation(2, 3, get("k"), value("xx"))];
    expect(checkHistory(keyValue, history).verdict).toBe("illegal");
  });

  it("may not forget a delete", () => {
    const history = [
      operation(0, 1, append("k", "x"), done),
      operation(2, 3, { type: "delete", key: "k" } as const, done),
      operation(4, 5, get("k"), value("x")),
    ];
    expect(checkHistory<string | null, KeyValueInput, KeyValueOutput>(keyValue, history).verdict).toBe("illegal");
  });

  it("names the key, the longest order that fits and what it is stuck on", () => {
    const history: Operation<KeyValueInput, KeyValueOutput>[] = [
      operation(0, 1, append("good", "x"), done),
      operation(2, 3, append("bad", "x"), done),
      operation(4, 7, append("bad", "y"), done),
      operation(5, 6, get("bad"), value("y")),
      operation(8, 9, get("good"), value("x")),
    ];
    const result = checkHistory(keyValue, history);
    expect(result).toMatchObject({ verdict: "illegal", partition: "bad", longestPrefix: [history[1]] });
    expect(result.verdict === "illegal" && result.stuckOn).toEqual([history[3], history[2]]);
  });

  it("weaves the orders of the keys into one that follows time", () => {
    const history = ["a", "b", "a", "b"].map((key, index) =>
      operation(2 * index, 2 * index + 1, append(key, "x"), done),
    );
    const result = checkHistory(keyValue, history);
    expect(result.verdict === "linearizable" && result.order).toEqual(history);
  });
});

describe("the budget", () => {
  const hard = [
    ...Array.from({ length: 12 }, (_, index) => operation(index, 100 + index, write(index), written)),
    operation(200, 201, read, found(99)),
  ];

  it("gives the verdict unknown, never a pass or a failure, once the states are spent", () => {
    expect(checkHistory(register, hard, { maxStates: 100 })).toEqual({
      verdict: "unknown",
      spent: "states",
      statesExplored: 101,
    });
    expect(checkHistory(register, hard).verdict).toBe("illegal");
  });

  it("gives the verdict unknown when the caller says stop", () => {
    let asked = 0;
    const result = checkHistory(register, hard, { shouldStop: () => ++asked > 2 });
    expect(result.verdict).toBe("unknown");
    expect(asked).toBe(3);
  });

  it("still reports a violation in one key when another key's budget is spent", () => {
    const put = (index: number) => ({ type: "put", key: "hard", value: String(index) }) as const;
    const history: Operation<KeyValueInput, KeyValueOutput>[] = [
      ...Array.from({ length: 12 }, (_, index) =>
        operation<KeyValueInput, KeyValueOutput>(index, 100, put(index), { type: "done" }),
      ),
      operation(200, 201, { type: "get", key: "hard" }, { type: "value", value: "99" }),
      operation(300, 301, { type: "get", key: "wrong" }, { type: "value", value: "x" }),
    ];
    expect(checkHistory(keyValue, history, { maxStates: 100 })).toMatchObject({
      verdict: "illegal",
      partition: "wrong",
    });
  });
});

describe("memory", () => {
  it("ends the search before more than the bound is held, with the verdict unknown", () => {
    const writes = Array.from({ length: 20 }, (_, index) => operation(index, 100, write(index), written));
    const reads = [...writes, operation(200, 201, read, found(1)), operation(202, 203, read, found(2))];
    const bounded = checkHistory(register, reads, { maxMemoryBytes: 400_000, maxStates: 10_000_000 });
    expect(bounded).toMatchObject({ verdict: "unknown", spent: "memory" });
    // An entry takes 16 bytes, its place in the table 8 or more.
    expect(bounded.statesExplored).toBeLessThan(400_000 / 24);
    expect(bounded.statesExplored).toBeGreaterThan(400_000 / 240);
  });
});

describe("hundreds of lost operations on one key", () => {
  const LOST = 120;
  /** Every third lost write is seen, long after it was sent, and between them others write and read. */
  const busy = (last: number) => {
    const lostWrites = Array.from({ length: LOST }, (_, index) => lost(10 * index, null, write(index)));
    const rounds = Array.from({ length: LOST / 3 }, (_, index) => {
      const at = 10 * LOST + 10 * index;
      const own = LOST + index;
      return [
        operation(at, at + 4, write(own), written),
        operation(at + 1, at + 3, write(-own), written),
        operation(at + 5, at + 6, read, found(index % 2 === 0 ? own : -own)),
        operation(at + 7, at + 8, read, found(3 * index)),
      ];
    });
    return [...lostWrites, ...rounds.flat(), operation(20 * LOST, 20 * LOST + 1, read, found(last))];
  };

  it("are no reason to give up, whether an order exists or not", () => {
    expect(checkHistory(register, busy(1))).toMatchObject({ verdict: "linearizable" });
    const result = checkHistory(register, busy(0));
    expect(result.verdict).toBe("illegal");
    expect(result.statesExplored).toBeLessThan(LOST * LOST);
  });

  it("may all be appends, of which some answer shows the order", () => {
    const append = (value: string) => ({ type: "append", key: "k", value }) as const;
    const get = (at: number, value: string) =>
      operation(at, at + 1, { type: "get", key: "k" } as const, { type: "value", value } as const);
    const history = (shown: string): Operation<KeyValueInput, KeyValueOutput>[] => [
      ...Array.from({ length: LOST }, (_, index) => lost(index, null, append(`${index};`))),
      get(LOST + 1, "7;50;3;"),
      get(LOST + 3, shown),
    ];
    const shown = Array.from({ length: LOST }, (_, index) => `${(7 * index) % LOST};`).filter(
      (text) => !["7;", "50;", "3;"].includes(text),
    );
    expect(checkHistory(keyValue, history(`7;50;3;${shown.join("")}`)).verdict).toBe("linearizable");
    const result = checkHistory(keyValue, history(`7;50;3;${shown.join("")}7;`));
    expect(result.verdict).toBe("illegal");
    expect(result.statesExplored).toBeLessThan(LOST * LOST);
  });
});

describe("the size of a history", () => {
  it("costs one state for each of 36,000 operations of ten clients on one counter", () => {
    const count = 36_000;
    const history = Array.from({ length: count }, (_, index) =>
      operation(10 * index, 10 * index + 95, add(1), { total: index + 1 }),
    );
    const result = checkHistory(counter, history);
    expect(result).toMatchObject({ verdict: "linearizable", statesExplored: count });
  });
});

describe("a timeline", () => {
  it("needs as many slots as operations are open at once, however long the history", () => {
    const history = Array.from({ length: 1_000 }, (_, index) => lost(10 * index, 10 * index + 95, read));
    expect(createTimeline(history)).toMatchObject({ certainSlots: 0, lossySlots: 10 });
  });
});

describe("a history that contradicts itself", () => {
  it.each([
    ["returns before it is invoked", operation(5, 4, read, found(null))],
    ["has an answer but never returned", operation(5, null, read, found(null))],
    ["has no time", operation(NaN, 7, read, found(null))],
  ])("is refused: an operation %s", (_, wrong) => {
    expect(() => checkHistory(register, [wrong])).toThrow(InvalidHistoryError);
  });

  it("is not the empty one", () => {
    expect(checkHistory(register, [])).toEqual({ verdict: "linearizable", order: [], statesExplored: 0 });
  });
});
