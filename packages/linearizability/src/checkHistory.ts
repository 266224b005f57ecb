import { at } from "./at.js";
import type { Budget, SpentBudget } from "./budget.js";
import type { Defined } from "./defined.js";
import { InvalidHistoryError } from "./invalidHistoryError.js";
import type { Model } from "./model.js";
import type { Operation } from "./operation.js";
import { Search } from "./search.js";

export type CheckResult<Input, Output> =
  | {
      readonly verdict: "linearizable";
      /** One order that explains every answer. A lost operation that isn't in it need not have happened. */
      readonly order: readonly Operation<Input, Output>[];
      readonly statesExplored: number;
    }
  | {
      readonly verdict: "illegal";
      /** The part of the object, as the model names it, where no order fits; null if the model has no parts. */
      readonly partition: string | null;
      /** An order that explains as many returns of this part as any does. */
      readonly longestPrefix: readonly Operation<Input, Output>[];
      /** The operation whose return could then not be explained, and after it others that were open at that moment. */
      readonly stuckOn: readonly Operation<Input, Output>[];
      readonly statesExplored: number;
    }
  | {
      /** The budget was spent before an order was found or ruled out. */
      readonly verdict: "unknown";
      readonly spent: SpentBudget;
      readonly statesExplored: number;
    };

interface Placed<Input, Output> {
  readonly operation: Operation<Input, Output>;
  /** The moment just before which it can have taken effect. */
  readonly time: number;
}

/**
 * Says whether a history is linearizable: whether each operation can have taken effect at one instant between its
 * invocation and its return, so that `model`, fed with them in that order, gives the same answers.
 *
 * Deciding this is NP-hard; where many operations overlap, the budget bounds the work. The verdict "illegal" is final
 * even where another part's check ran out of budget.
 *
 * @throws InvalidHistoryError where an operation returns before it is invoked, or has an output but no return.
 */
export function checkHistory<State extends Defined, Input, Output extends Defined>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  budget: Budget = {},
): CheckResult<Input, Output> {
  operations.forEach(assertValid);
  const placed: Placed<Input, Output>[] = [];
  let statesExplored = 0;
  let spent: SpentBudget | null = null;
  for (const [partition, part] of split(model, operations)) {
    if (budget.shouldStop?.() === true) return { verdict: "unknown", spent: "time", statesExplored };
    const search = new Search(model, part, budget);
    const verdict = search.run();
    statesExplored += search.statesExplored;
    switch (verdict) {
      case "linearizable":
        for (const { operation, time } of search.order()) placed.push({ operation: at(part, operation), time });
        break;
      case "illegal": {
        const longestPrefix = search.longestPrefix().map((index) => at(part, index));
        const stuckOn = search.stuckOn().map((index) => at(part, index));
        return { verdict, partition, longestPrefix, stuckOn, statesExplored };
      }
      case "unknown":
        spent ??= search.spent;
    }
  }
  if (spent !== null) return { verdict: "unknown", spent, statesExplored };
  // Each part's order is by time already, and the sort is stable, so this weaves them into one.
  const order = placed.sort((a, b) => a.time - b.time).map(({ operation }) => operation);
  return { verdict: "linearizable", order, statesExplored };
}

function assertValid(operation: Operation<unknown, unknown>): void {
  const { clientId, output, invokedAt, returnedAt } = operation;
  const name = `the operation that client ${clientId} invoked at ${invokedAt}`;
  if (!Number.isFinite(invokedAt)) throw new InvalidHistoryError(`${name} needs a finite time of invocation`);
  if (returnedAt === null) {
    if (output !== undefined) throw new InvalidHistoryError(`${name} has an output, so it must have a return`);
  } else if (!Number.isFinite(returnedAt) || returnedAt < invokedAt) {
    throw new InvalidHistoryError(`${name} cannot return at ${returnedAt}`);
  }
}

/** The operations of each part that can matter: a lost one that changes nothing in any state cannot. */
function split<State extends Defined, Input, Output extends Defined>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
): Map<string | null, Operation<Input, Output>[]> {
  const kept = operations.filter(
    ({ input, output }) => output !== undefined || model.isReadOnly?.(input, undefined) !== true,
  );
  const parts = new Map<string | null, Operation<Input, Output>[]>();
  for (const operation of kept) {
    const name = model.partition?.(operation.input) ?? null;
    if (name === null) return new Map([[null, kept]]);
    const part = parts.get(name);
    if (part === undefined) parts.set(name, [operation]);
    else part.push(operation);
  }
  return parts;
}
