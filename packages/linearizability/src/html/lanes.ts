import type { DrawnOperation } from "./drawnHistory.js";
import type { TimeAxis } from "./timeAxis.js";

/** A bar, and in which row of its client's lane it lies. */
export interface Bar<Input, Output> {
  readonly drawn: DrawnOperation<Input, Output>;
  readonly left: number;
  readonly right: number;
  readonly row: number;
}

/** All operations of one client, in more than one row only where they overlap. */
export interface Lane<Input, Output> {
  readonly clientId: string | number;
  readonly bars: readonly Bar<Input, Output>[];
  readonly rows: number;
}

const GAP_PX = 2;
const LEAST_BAR_PX = 10;

/** One lane for each client, in the order in which they first appear; those with numbers first, ascending. */
export function createLanes<Input, Output>(
  drawn: readonly DrawnOperation<Input, Output>[],
  axis: TimeAxis,
): readonly Lane<Input, Output>[] {
  const byClient = new Map<string | number, DrawnOperation<Input, Output>[]>();
  for (const one of drawn) {
    const { clientId } = one.operation;
    const own = byClient.get(clientId);
    if (own === undefined) byClient.set(clientId, [one]);
    else own.push(one);
  }
  const order = (clientId: string | number): number => (typeof clientId === "number" ? clientId : Infinity);
  return [...byClient]
    .sort(([a], [b]) => (order(a) === order(b) ? 0 : order(a) - order(b)))
    .map(([clientId, own]) => createLane(clientId, own, axis));
}

function createLane<Input, Output>(
  clientId: string | number,
  own: readonly DrawnOperation<Input, Output>[],
  axis: TimeAxis,
): Lane<Input, Output> {
  const rowEnds: number[] = [];
  const bars = own.map((drawn) => {
    const { invokedAt, returnedAt } = drawn.operation;
    const left = axis.xOf(invokedAt);
    const end = returnedAt === null ? axis.openEndOf(drawn) : axis.xOf(returnedAt);
    const right = Math.max(end - GAP_PX, left + LEAST_BAR_PX);
    const free = rowEnds.findIndex((rowEnd) => rowEnd <= left);
    const row = free === -1 ? rowEnds.length : free;
    rowEnds[row] = right;
    return { drawn, left, right, row };
  });
  return { clientId, bars, rows: rowEnds.length };
}
