import type { Operation } from "@balsa/linearizability";

/** What one copy of an object does: written apart from the models, so that a mistake in one shows against the other. */
export type Specification<Input, Output> = () => (input: Input) => Output;

/** Whether `order` explains the history: the definition of linearizability, word by word. */
export function isWitness<Input, Output>(
  specification: Specification<Input, Output>,
  operations: readonly Operation<Input, Output>[],
  order: readonly Operation<Input, Output>[],
): boolean {
  const chosen = new Set(order);
  const apply = specification();
  return (
    chosen.size === order.length &&
    order.every((operation) => operations.includes(operation)) &&
    operations.every((operation) => operation.output === undefined || chosen.has(operation)) &&
    order.every((later, position) => order.slice(0, position).every((earlier) => !precedes(later, earlier))) &&
    order.every(({ input, output }) => {
      const answer = apply(input);
      return output === undefined || JSON.stringify(output) === JSON.stringify(answer);
    })
  );
}

/** Tries all orders of all choices of operations. */
export function bruteForce<Input, Output>(
  specification: Specification<Input, Output>,
  operations: readonly Operation<Input, Output>[],
): boolean {
  const extend = (order: readonly Operation<Input, Output>[]): boolean =>
    isWitness(specification, operations, order) ||
    operations.some(
      (next) => !order.includes(next) && order.every((earlier) => !precedes(next, earlier)) && extend([...order, next]),
    );
  return extend([]);
}

function precedes(left: Operation<unknown, unknown>, right: Operation<unknown, unknown>): boolean {
  return left.returnedAt !== null && left.returnedAt < right.invokedAt;
}
