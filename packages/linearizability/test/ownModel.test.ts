import type { Model, Operation } from "@balsa/linearizability";
import { casRegister, checkHistory, keyed, renderHistoryHtml } from "@balsa/linearizability";
import { describe, expect, it } from "vitest";

type Input = { readonly type: "push"; readonly value: number } | { readonly type: "pop" };
interface Output {
  readonly value: number | null;
}

/** A stack; a pop of an empty one answers with null. */
const stack: Model<readonly number[], Input, Output> = {
  init: () => [],
  step(held, input, output) {
    if (input.type === "push") return [...held, input.value];
    const top = held.at(-1) ?? null;
    return output === undefined || output.value === top ? held.slice(0, -1) : undefined;
  },
  equals: (left, right) => left.join() === right.join(),
};

const push = (value: number, invokedAt: number, returnedAt: number): Operation<Input, Output> => ({
  clientId: 1,
  input: { type: "push", value },
  output: { value: null },
  invokedAt,
  returnedAt,
});
const pop = (value: number | null, invokedAt: number): Operation<Input, Output> => ({
  clientId: 2,
  input: { type: "pop" },
  output: { value },
  invokedAt,
  returnedAt: invokedAt + 1,
});

describe("a model of one's own", () => {
  const pushes = [push(1, 0, 9), push(2, 1, 8)];

  it("needs init, step and equals", () => {
    expect(checkHistory(stack, [...pushes, pop(1, 10), pop(2, 12), pop(null, 14)]).verdict).toBe("linearizable");
    const history = [...pushes, pop(1, 10), pop(1, 12)];
    const result = checkHistory(stack, history);
    expect(result).toMatchObject({ verdict: "illegal", stuckOn: [history[3]] });
    expect(renderHistoryHtml(stack, history, result)).toContain(
      "{&quot;type&quot;:&quot;pop&quot;} → {&quot;value&quot;:1}",
    );
  });

  it("meets equal states again although each is an array of its own", () => {
    const many = Array.from({ length: 9 }, (_, index) => push(7, index, 50));
    const result = checkHistory(stack, [...many, pop(7, 60), pop(8, 62)]);
    expect(result.verdict).toBe("illegal");
    expect(result.statesExplored).toBeLessThan(2 ** 9 + 10);
  });
});

describe("keyed", () => {
  it("checks each key by itself, with all that makes the model fast", () => {
    const model = keyed(casRegister);
    const write = (key: string, value: number, at: number) =>
      ({
        clientId: 1,
        input: { key, input: { type: "write", value } },
        output: undefined,
        invokedAt: at,
        returnedAt: null,
      }) as const;
    const read = (key: string, value: number, at: number) =>
      ({
        clientId: 2,
        input: { key, input: { type: "read" } },
        output: { type: "read", value },
        invokedAt: at,
        returnedAt: at + 1,
      }) as const;
    const lost = Array.from({ length: 100 }, (_, index) => write("a", index, index));
    expect(checkHistory(model, [...lost, read("a", 7, 200), read("a", 8, 202)]).verdict).toBe("linearizable");
    const result = checkHistory(model, [...lost, read("a", 7, 200), read("a", 8, 202), read("b", 7, 204)]);
    expect(result).toMatchObject({ verdict: "illegal", partition: "b" });
    const again = checkHistory(model, [...lost, read("a", 7, 200), read("a", 8, 202), read("a", 7, 204)]);
    expect(again.verdict).toBe("illegal");
    expect(again.statesExplored).toBeLessThan(1_000);
  });
});
