import { at } from "../at.js";
import type { CheckResult } from "../checkHistory.js";
import type { Defined } from "../defined.js";
import type { Model } from "../model.js";
import type { Operation } from "../operation.js";

/** A picture has at most so many operations; more could not be read, and browsers get slow. */
export const MAX_DRAWN = 2_000;
/** Of a longer history, the share that is drawn of what lies before the break. */
const SHARE_BEFORE_BREAK = 0.8;

/** What became of an operation in the check. */
export type Role = "placed" | "stuck" | "alsoOpen" | "unneeded" | "later" | "unjudged";

export interface DrawnOperation<Input, Output> {
  readonly operation: Operation<Input, Output>;
  readonly role: Role;
  /** Its place in the order found, from 1; null if it is not in it. */
  readonly place: number | null;
}

export interface DrawnHistory<Input, Output> {
  /** In the order of invocation. */
  readonly drawn: readonly DrawnOperation<Input, Output>[];
  /** How many operations there are of which these are drawn. */
  readonly total: number;
  /** The moment of the return that no order explains; null where there is none. */
  readonly breakAt: number | null;
}

/** Chooses what is drawn, of an illegal history the part that is illegal, and says what each operation is in the check. */
export function chooseDrawn<State extends Defined, Input, Output extends Defined>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  result: CheckResult<Input, Output>,
): DrawnHistory<Input, Output> {
  const isIllegal = result.verdict === "illegal";
  const { partition } = isIllegal ? result : { partition: null };
  const ofPart =
    partition === null ? operations : operations.filter(({ input }) => model.partition?.(input) === partition);
  const sorted = [...ofPart].sort((a, b) => a.invokedAt - b.invokedAt);
  const [stuck] = isIllegal ? result.stuckOn : [];
  const breakAt = stuck?.returnedAt ?? null;
  const firstDrawn = firstOfWindow(sorted, breakAt);
  const places = placesOf(result);
  const alsoOpen = new Set(isIllegal ? result.stuckOn : []);
  const roleOf = (operation: Operation<Input, Output>): Role => {
    if (result.verdict === "unknown") return "unjudged";
    if (places.has(operation)) return "placed";
    if (operation === stuck) return "stuck";
    if (alsoOpen.has(operation)) return "alsoOpen";
    // What is not certain may never have happened; the rest begins after the break.
    return operation.output === undefined && (breakAt === null || operation.invokedAt <= breakAt)
      ? "unneeded"
      : "later";
  };
  const drawn = sorted
    .slice(firstDrawn, firstDrawn + MAX_DRAWN)
    .map((operation) => ({ operation, role: roleOf(operation), place: places.get(operation) ?? null }));
  return { drawn, total: sorted.length, breakAt };
}

function firstOfWindow(sorted: readonly Operation<unknown, unknown>[], breakAt: number | null): number {
  if (breakAt === null || sorted.length <= MAX_DRAWN) return 0;
  const atBreak = sorted.findIndex(({ invokedAt }) => invokedAt > breakAt);
  const middle = atBreak === -1 ? sorted.length : atBreak;
  const first = Math.round(middle - SHARE_BEFORE_BREAK * MAX_DRAWN);
  return Math.max(0, Math.min(first, sorted.length - MAX_DRAWN));
}

function placesOf<Input, Output>(result: CheckResult<Input, Output>): ReadonlyMap<Operation<Input, Output>, number> {
  if (result.verdict === "unknown") return new Map();
  const order = result.verdict === "linearizable" ? result.order : result.longestPrefix;
  return new Map(order.map((operation, index) => [operation, index + 1]));
}

/**
 * For each operation in the order that is drawn, the moment at which it can have taken effect, as the number of the
 * event (a call or a return, of those at `times`) right after which it did.
 */
export function effectsOf(
  drawn: readonly DrawnOperation<unknown, unknown>[],
  eventOf: (time: number) => number,
): ReadonlyMap<DrawnOperation<unknown, unknown>, number> {
  const placed = drawn.filter(({ place }) => place !== null).sort((a, b) => Number(a.place) - Number(b.place));
  const effects = new Map<DrawnOperation<unknown, unknown>, number>();
  let event = 0;
  for (let index = 0; index < placed.length; index++) {
    const one = at(placed, index);
    event = Math.max(event, eventOf(one.operation.invokedAt));
    effects.set(one, event);
  }
  return effects;
}
