import type {
  CasRegisterInput,
  CounterInput,
  Defined,
  KeyValueInput,
  LockInput,
  Model,
  Operation,
  QueueInput,
  RegisterInput,
  RegisterOutput,
  RegisterValue,
  SetInput,
} from "@balsa/linearizability";
import { casRegister, checkHistory, counter, keyValue, lock, queue, register, set } from "@balsa/linearizability";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Specification } from "./bruteForce.js";
import { bruteForce, isWitness } from "./bruteForce.js";
import {
  casRegisterSpecification,
  counterSpecification,
  keyValueSpecification,
  lockSpecification,
  queueSpecification,
  registerSpecification,
  setSpecification,
} from "./specifications.js";

const MAX_OPERATIONS = 6;
const RUNS = 400;

const registerValue = fc.constantFrom(1, 2, null);
const registerRead = fc.record({ type: fc.constant("read" as const) });
const registerWrite = fc.record({ type: fc.constant("write" as const), value: registerValue });
const registerInput: fc.Arbitrary<RegisterInput> = fc.oneof(registerRead, registerWrite);
const casRegisterInput: fc.Arbitrary<CasRegisterInput> = fc.oneof(
  registerRead,
  registerWrite,
  fc.record({ type: fc.constant("cas" as const), expected: registerValue, value: registerValue }),
);

const counterInput: fc.Arbitrary<CounterInput> = fc.oneof(
  fc.record({ type: fc.constant("read" as const) }),
  fc.record({ type: fc.constant("add" as const), amount: fc.integer({ min: -1, max: 2 }) }),
);

const key = fc.constantFrom("a", "b");
const value = fc.constantFrom("", "x", "y");
const keyValueInput: fc.Arbitrary<KeyValueInput> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant("get" as const), key }) },
  fc.record({ type: fc.constantFrom("put" as const, "append" as const), key, value }),
  fc.record({ type: fc.constant("delete" as const), key }),
  fc.record({ type: fc.constant("compareAndSet" as const), key, expected: fc.option(value), value }),
);

const lockInput: fc.Arbitrary<LockInput> = fc.record({
  type: fc.constantFrom("acquire" as const, "release" as const),
  owner: fc.constantFrom("a", 1),
});

const queueInput: fc.Arbitrary<QueueInput> = fc.oneof(
  fc.record({ type: fc.constant("enqueue" as const), value: fc.constantFrom(1, 2, "1") }),
  fc.record({ type: fc.constant("dequeue" as const) }),
);

const setInput: fc.Arbitrary<SetInput> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constantFrom("add", "remove", "contains"), element: fc.nat(2) }) },
  fc.record({ type: fc.constant("read" as const) }),
);

/** All that a model must have, and nothing that makes it fast. */
const bareRegister: Model<{ readonly held: RegisterValue }, RegisterInput, RegisterOutput> = {
  init: () => ({ held: null }),
  step({ held }, input, output) {
    if (input.type === "write") return output?.type === "read" ? undefined : { held: input.value };
    return output === undefined || (output.type === "read" && output.value === held) ? { held } : undefined;
  },
  equals: (left, right) => left.held === right.held,
};

describe("checkHistory against all orders tried one by one", () => {
  agrees("register", register, registerSpecification, registerInput);
  agrees("casRegister", casRegister, casRegisterSpecification, casRegisterInput);
  agrees("counter", counter, counterSpecification, counterInput);
  agrees("keyValue", keyValue, keyValueSpecification, keyValueInput);
  agrees("lock", lock, lockSpecification, lockInput);
  agrees("queue", queue, queueSpecification, queueInput);
  agrees("set", set, setSpecification, setInput);
  agrees("a model with init, step and equals only", bareRegister, registerSpecification, registerInput);
});

function agrees<State extends Defined, Input, Output extends Defined>(
  name: string,
  model: Model<State, Input, Output>,
  specification: Specification<Input, Output>,
  inputs: fc.Arbitrary<Input>,
): void {
  it(`${name}: a history made by one copy of it passes, with an order that explains it`, () => {
    fc.assert(
      fc.property(madeHistory(specification, inputs), (history) => {
        const result = checkHistory(model, history);
        expect(result.verdict).toBe("linearizable");
        expect(result.verdict === "linearizable" && isWitness(specification, history, result.order)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it(`${name}: histories with answers of another order, or from nowhere, get the verdict of brute force`, () => {
    const answersSwapped = fc
      .tuple(madeHistory(specification, inputs), fc.nat(), fc.nat())
      .map(([history, from, to]) => withAnswerOf(history, from, to));
    let illegal = 0;
    fc.assert(
      fc.property(fc.oneof(answersSwapped, answersFromNowhere(specification, inputs)), (history) => {
        const result = checkHistory(model, history);
        const expected = bruteForce(specification, history);
        if (!expected) illegal++;
        expect(result.verdict).toBe(expected ? "linearizable" : "illegal");
        if (result.verdict === "linearizable") expect(isWitness(specification, history, result.order)).toBe(true);
        if (result.verdict === "illegal") {
          const { longestPrefix, stuckOn } = result;
          expect(isWitness(specification, longestPrefix, longestPrefix)).toBe(true);
          expect(stuckOn.length).toBeGreaterThan(0);
          expect(stuckOn.some((operation) => longestPrefix.includes(operation))).toBe(false);
        }
      }),
      { numRuns: RUNS },
    );
    expect(illegal).toBeGreaterThan(RUNS / 20);
    expect(illegal).toBeLessThan(RUNS - RUNS / 20);
  });
}

type Fate = "returned" | "lost" | "lostAndClosed" | "neverHappened" | "neverHappenedAndClosed";

interface Plan<Input> {
  readonly input: Input;
  /** Invocation, effect and return; small numbers, so that some are equal. */
  readonly times: readonly number[];
  readonly fate: Fate;
}

function plans<Input>(inputs: fc.Arbitrary<Input>): fc.Arbitrary<readonly Plan<Input>[]> {
  const times = fc
    .array(fc.nat({ max: 14 }), { minLength: 3, maxLength: 3 })
    .map((drawn) => drawn.sort((a, b) => a - b));
  const fate = fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fate>("returned") },
    fc.constantFrom<Fate>("lost", "lostAndClosed", "neverHappened", "neverHappenedAndClosed"),
  );
  return fc.array(fc.record({ input: inputs, times, fate }), { maxLength: MAX_OPERATIONS });
}

/** What clients see of one copy that runs the operations at their moment of effect. */
function madeHistory<Input, Output>(
  specification: Specification<Input, Output>,
  inputs: fc.Arbitrary<Input>,
): fc.Arbitrary<readonly Operation<Input, Output>[]> {
  return plans(inputs).map((planned) => {
    const apply = specification();
    const answers = new Map<Plan<Input>, Output>();
    const effective = planned.filter(({ fate }) => !fate.startsWith("neverHappened"));
    for (const plan of effective.sort((a, b) => (a.times[1] ?? 0) - (b.times[1] ?? 0))) {
      answers.set(plan, apply(plan.input));
    }
    return planned.map((plan, clientId) => toOperation(plan, clientId, answers.get(plan)));
  });
}

/** Each answer is one that some other run gave to the same input. */
function answersFromNowhere<Input, Output>(
  specification: Specification<Input, Output>,
  inputs: fc.Arbitrary<Input>,
): fc.Arbitrary<readonly Operation<Input, Output>[]> {
  const preludes = fc.array(fc.array(inputs, { maxLength: 2 }), {
    minLength: MAX_OPERATIONS,
    maxLength: MAX_OPERATIONS,
  });
  return fc.tuple(plans(inputs), preludes).map(([planned, before]) =>
    planned.map((plan, clientId) => {
      const apply = specification();
      before[clientId]?.forEach(apply);
      return toOperation(plan, clientId, apply(plan.input));
    }),
  );
}

function toOperation<Input, Output>(
  { input, times, fate }: Plan<Input>,
  clientId: number,
  answer: Output | undefined,
): Operation<Input, Output> {
  const [invokedAt = 0, , end = 0] = times;
  const returnedAt = fate === "lost" || fate === "neverHappened" ? null : end;
  return { clientId, input, output: fate === "returned" ? answer : undefined, invokedAt, returnedAt };
}

/** The history with one answer replaced by another operation's answer to the same kind of question. */
function withAnswerOf<Input, Output>(
  history: readonly Operation<Input, Output>[],
  from: number,
  to: number,
): readonly Operation<Input, Output>[] {
  const answered = history.filter(({ output }) => output !== undefined);
  const source = answered[from % answered.length];
  const target = answered[to % answered.length];
  return history.map((operation) =>
    operation === target && source !== undefined ? { ...operation, output: source.output } : operation,
  );
}
