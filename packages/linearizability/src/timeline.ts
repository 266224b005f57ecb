import { at, intAt } from "./at.js";
import type { Operation } from "./operation.js";

/**
 * A history as the search sees it. Operations are meant by their index, times by *returns*: time `r` is the moment at
 * which the r-th operation to return does so, and the last time, `returnCount`, is after the whole history. An
 * operation is open at `r` if it was invoked before that moment and returns at `r` or later.
 */
export interface Timeline {
  readonly returnCount: number;
  /** Which operation returns. */
  readonly byReturn: Int32Array;
  /** The first return at which an operation is open, and the last (`returnCount` for one that never returned). */
  readonly openFrom: Int32Array;
  readonly openUntil: Int32Array;
  /** For each return `r`, the last return of a certain operation that is open at `r`, and no less than `r`. */
  readonly lastReturnOpen: Int32Array;
  /** 1 for an operation that may have been lost, 0 for a certain one. */
  readonly lossy: Int32Array;
  /** The lossy operations, those that close first in front. */
  readonly lossyInOrder: Int32Array;
  /** For each return the first place in `lossyInOrder` of an operation that is not closed before it. */
  readonly lossyFrom: Int32Array;
  /** A number for each operation that no other one of its kind, certain or lossy, has while both are open. */
  readonly slot: Int32Array;
  readonly certainSlots: number;
  readonly lossySlots: number;
}

export function createTimeline(operations: readonly Operation<unknown, unknown>[]): Timeline {
  const count = operations.length;
  const indices = Array.from(operations.keys());
  const returnTime = (index: number): number => at(operations, index).returnedAt ?? Infinity;
  const byReturn = Int32Array.from(
    indices.filter((index) => returnTime(index) < Infinity).sort((a, b) => returnTime(a) - returnTime(b)),
  );
  const returnCount = byReturn.length;

  const openUntil = new Int32Array(count).fill(returnCount);
  byReturn.forEach((index, position) => (openUntil[index] = position));
  const lossy = Int32Array.from(operations, (operation) => (operation.output === undefined ? 1 : 0));

  const byInvocation = indices.slice().sort((a, b) => at(operations, a).invokedAt - at(operations, b).invokedAt);
  const openFrom = new Int32Array(count);
  let returned = 0;
  for (const index of byInvocation) {
    const { invokedAt } = at(operations, index);
    while (returned < returnCount && returnTime(intAt(byReturn, returned)) < invokedAt) returned++;
    openFrom[index] = returned;
  }

  const lossyInOrder = Int32Array.from(
    indices
      .filter((index) => lossy[index] === 1)
      .sort((a, b) => intAt(openUntil, a) - intAt(openUntil, b) || intAt(openFrom, a) - intAt(openFrom, b)),
  );
  const lastReturnOpen = lastReturnsOpen(byInvocation, returnCount, openFrom, openUntil, lossy);
  const lossyFrom = new Int32Array(returnCount);
  for (let position = 0, place = 0; position < returnCount; position++) {
    while (place < lossyInOrder.length && intAt(openUntil, intAt(lossyInOrder, place)) < position) place++;
    lossyFrom[position] = place;
  }
  const { slot, slotCounts } = assignSlots(byInvocation, byReturn, openFrom, lossy);
  const [certainSlots, lossySlots] = slotCounts;
  return {
    returnCount,
    byReturn,
    openFrom,
    openUntil,
    lastReturnOpen,
    lossy,
    lossyInOrder,
    lossyFrom,
    slot,
    certainSlots,
    lossySlots,
  };
}

function lastReturnsOpen(
  byInvocation: readonly number[],
  returnCount: number,
  openFrom: Int32Array,
  openUntil: Int32Array,
  lossy: Int32Array,
): Int32Array {
  const last = Int32Array.from({ length: returnCount }, (_, position) => position);
  for (const index of byInvocation) {
    const from = intAt(openFrom, index);
    if (lossy[index] === 0) last[from] = Math.max(intAt(last, from), intAt(openUntil, index));
  }
  for (let position = 1; position < returnCount; position++) {
    last[position] = Math.max(intAt(last, position), intAt(last, position - 1));
  }
  return last;
}

/** Gives each operation the slot of its kind freed last, so that there are only as many slots as are ever open at once. */
function assignSlots(
  byInvocation: readonly number[],
  byReturn: Int32Array,
  openFrom: Int32Array,
  lossy: Int32Array,
): { slot: Int32Array; slotCounts: readonly [certain: number, lossy: number] } {
  const slot = new Int32Array(byInvocation.length);
  const free: readonly [number[], number[]] = [[], []];
  const slotCounts: [number, number] = [0, 0];
  const kindOf = (index: number): 0 | 1 => (lossy[index] === 1 ? 1 : 0);
  let returned = 0;
  for (const index of byInvocation) {
    for (; returned < intAt(openFrom, index); returned++) {
      const closed = intAt(byReturn, returned);
      free[kindOf(closed)].push(intAt(slot, closed));
    }
    const kind = kindOf(index);
    slot[index] = free[kind].pop() ?? slotCounts[kind]++;
  }
  return { slot, slotCounts };
}
