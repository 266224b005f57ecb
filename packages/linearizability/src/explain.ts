import type { CheckResult } from "./checkHistory.js";
import type { Defined } from "./defined.js";
import type { Model } from "./model.js";
import type { Operation } from "./operation.js";

const MAX_OPERATIONS_SHOWN = 8;

/** Says in a few lines, for a person, what a check found; of long lists only the last or first few. */
export function explain<State extends Defined, Input, Output extends Defined>(
  model: Model<State, Input, Output>,
  result: CheckResult<Input, Output>,
): string {
  const line = (operation: Operation<Input, Output>): string => `  ${describeOperation(model, operation)}`;
  switch (result.verdict) {
    case "linearizable":
      return `Linearizable: an order of ${result.order.length} operations explains every answer.`;
    case "unknown":
      return `Unknown: the budget of ${result.spent} was spent after ${result.statesExplored} states.`;
    case "illegal": {
      const { partition, longestPrefix, stuckOn } = result;
      return [
        `Not linearizable${partition === null ? "" : ` (${partition})`}: no order explains all answers.`,
        `Operations in the longest order that fits: ${longestPrefix.length}. The last of them:`,
        ...longestPrefix.slice(-MAX_OPERATIONS_SHOWN).map(line),
        "After it, these were open, and the first could not have got its answer:",
        ...stuckOn.slice(0, MAX_OPERATIONS_SHOWN).map(line),
      ].join("\n");
    }
  }
}

/** One operation with its times and its client. */
export function describeOperation<State extends Defined, Input, Output extends Defined>(
  model: Model<State, Input, Output>,
  { clientId, input, output, invokedAt, returnedAt }: Operation<Input, Output>,
): string {
  const what =
    model.describe?.(input, output) ??
    `${JSON.stringify(input)} → ${output === undefined ? "unknown" : JSON.stringify(output)}`;
  return `[${invokedAt}, ${returnedAt ?? "…"}] client ${clientId}: ${what}`;
}
