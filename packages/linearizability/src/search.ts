import { at, intAt } from "./at.js";
import type { Budget } from "./budget.js";
import { DEFAULT_MAX_STATES } from "./budget.js";
import { ConfigurationSet } from "./configurationSet.js";
import type { Defined } from "./defined.js";
import type { Model } from "./model.js";
import type { Operation } from "./operation.js";
import type { Timeline } from "./timeline.js";
import { createTimeline } from "./timeline.js";

const NO_OPERATION = -1;
/** A cursor past all moves. */
const NO_MORE = Number.MAX_SAFE_INTEGER;
const STATES_BETWEEN_STOP_CHECKS = 1024;

/** A step of the search, and what is needed to take it back. */
interface Move<State> {
  /** The operation put next in the order; none where the return of a lost operation is passed over. */
  readonly operation: number;
  /** Where to go on among the alternatives once this move has failed. */
  readonly cursorAfter: number;
  readonly nextReturn: number;
  readonly state: State;
  readonly stateNumber: number;
}

/**
 * Looks for an order of one partition's operations that explains all answers.
 *
 * It is the search of Wing & Gong (1993), with the memory of configurations met that Lowe added (2017): depth first,
 * it puts one of the open operations next, and passes a return once the operation that returns is in the order. All
 * operations that returned earlier are then in the order, or lost, so a configuration is the next return, the state,
 * and which of the *open* operations are in the order: its size depends on the clients, not on the history.
 *
 * Three rules keep it from branching where that can't help:
 * - An operation is put in the order only when the next return needs that: what is open stays possible later on.
 * - A read that fits now is put next at once, as moving it forward in any order changes nothing else.
 * - A lost operation is tried last, never where it would change nothing, and of several with equal inputs only the one
 *   that closes first: any order can exchange it for the others.
 */
export class Search<State extends Defined, Input, Output extends Defined> {
  private readonly model: Model<State, Input, Output>;
  private readonly operations: readonly Operation<Input, Output>[];
  private readonly budget: Budget;
  private readonly timeline: Timeline;
  private readonly readOnly: Int32Array;
  private readonly previousTwin: Int32Array;

  private nextReturn = 0;
  private state: State;
  private stateNumber: number;
  private readonly moves: Move<State>[] = [];
  private readonly inOrder: Int32Array;
  /** One bit for each slot: whether its open operation is in the order. */
  private readonly openBits: Int32Array;

  private readonly stateNumbers = new Map<string | number, number>();
  private readonly visited: ConfigurationSet;

  private farthestReturn = -1;
  private readonly farthestMoves: Move<State>[] = [];
  /** How many moves `farthestMoves` and `moves` are known to share. */
  private sharedMoves = 0;

  constructor(model: Model<State, Input, Output>, operations: readonly Operation<Input, Output>[], budget: Budget) {
    this.model = model;
    this.operations = operations;
    this.budget = budget;
    this.timeline = createTimeline(operations);
    this.readOnly = Int32Array.from(operations, ({ input, output }) => (model.isReadOnly?.(input, output) ? 1 : 0));
    this.previousTwin = previousTwins(model, operations, this.timeline);
    this.inOrder = new Int32Array(operations.length);
    this.openBits = new Int32Array(Math.ceil(this.timeline.slotCount / 32));
    this.visited = new ConfigurationSet(this.openBits.length);
    this.state = model.init();
    this.stateNumber = this.numberOf(this.state);
  }

  get statesExplored(): number {
    return this.visited.size;
  }

  /** Runs to the end; to be called once. */
  run(): "linearizable" | "illegal" | "unknown" {
    const maxStates = this.budget.maxStates ?? DEFAULT_MAX_STATES;
    for (;;) {
      if (this.nextReturn === this.timeline.returnCount) return "linearizable";
      const isNew = this.visited.add(this.nextReturn, this.stateNumber, this.openBits);
      if (isNew) {
        if (this.visited.size > maxStates || this.isToldToStop()) return "unknown";
        this.rememberFarthest();
        if (this.moveRead()) continue;
      }
      let moved = isNew && this.moveFrom(this.firstCursor());
      while (!moved) {
        const failed = this.moves.pop();
        if (failed === undefined) return "illegal";
        this.takeBack(failed);
        moved = this.moveFrom(failed.cursorAfter);
      }
    }
  }

  /** The operations in the order found, and the moments just before which they can have taken effect. */
  order(): readonly { operation: number; time: number }[] {
    return this.moves
      .filter(({ operation }) => operation !== NO_OPERATION)
      .map(({ operation, nextReturn }) => ({ operation, time: this.timeOf(nextReturn) }));
  }

  /** The order that explains the returns farthest into the history. */
  longestPrefix(): readonly number[] {
    return this.farthestMoves.map(({ operation }) => operation).filter((operation) => operation !== NO_OPERATION);
  }

  /** The certain operations open at the farthest return that `longestPrefix` lacks; first the one that returns there. */
  stuckOn(): readonly number[] {
    const explained = new Set(this.longestPrefix());
    const { byReturn, openFrom, lossy, lastReturnOpen } = this.timeline;
    const candidates = byReturn.subarray(this.farthestReturn, intAt(lastReturnOpen, this.farthestReturn) + 1);
    return Array.from(candidates).filter(
      (index) => lossy[index] === 0 && intAt(openFrom, index) <= this.farthestReturn && !explained.has(index),
    );
  }

  private timeOf(position: number): number {
    const { returnedAt } = at(this.operations, intAt(this.timeline.byReturn, position));
    if (returnedAt === null) throw new Error("an operation among the returns never returned");
    return returnedAt;
  }

  private isToldToStop(): boolean {
    return this.visited.size % STATES_BETWEEN_STOP_CHECKS === 0 && this.budget.shouldStop?.() === true;
  }

  /**
   * Cursors number the moves at one configuration: `nextReturn - 1` passes over the return of a lost operation, then
   * come the certain operations by their return, then the lost ones in their order.
   */
  private firstCursor(): number {
    return this.timeline.lossy[intAt(this.timeline.byReturn, this.nextReturn)] === 1
      ? this.nextReturn - 1
      : this.nextReturn;
  }

  /** Makes the first possible move at the cursor or after; false where there is none. */
  private moveFrom(cursor: number): boolean {
    if (cursor < this.nextReturn) {
      this.pushMove(NO_OPERATION, cursor + 1);
      this.nextReturn++;
      this.passReturns();
      return true;
    }
    const lastCertain = intAt(this.timeline.lastReturnOpen, this.nextReturn);
    for (let position = cursor; position <= lastCertain; position++) {
      const index = intAt(this.timeline.byReturn, position);
      if (!this.isCertainCandidate(index)) continue;
      const next = this.stepTo(index);
      if (next === undefined) continue;
      this.putNext(index, position + 1, next, this.numberOf(next));
      return true;
    }
    const { lossyInOrder } = this.timeline;
    for (let place = Math.max(cursor - lastCertain - 1, 0); place < lossyInOrder.length; place++) {
      const index = intAt(lossyInOrder, place);
      if (!this.isOpenAndNotInOrder(index) || this.hasTwin(index)) continue;
      const next = this.stepTo(index);
      if (next === undefined) continue;
      const stateNumber = this.numberOf(next);
      if (stateNumber === this.stateNumber) continue;
      this.putNext(index, lastCertain + 1 + place + 1, next, stateNumber);
      return true;
    }
    return false;
  }

  /** Puts a read that fits next, without alternatives. */
  private moveRead(): boolean {
    const lastCertain = intAt(this.timeline.lastReturnOpen, this.nextReturn);
    for (let position = this.nextReturn; position <= lastCertain; position++) {
      const index = intAt(this.timeline.byReturn, position);
      if (this.readOnly[index] !== 1 || !this.isCertainCandidate(index)) continue;
      if (this.stepTo(index) === undefined) continue;
      this.putNext(index, NO_MORE, this.state, this.stateNumber);
      return true;
    }
    return false;
  }

  private isCertainCandidate(index: number): boolean {
    return this.timeline.lossy[index] === 0 && this.isOpenAndNotInOrder(index);
  }

  private isOpenAndNotInOrder(index: number): boolean {
    const { openFrom, openUntil } = this.timeline;
    return (
      this.inOrder[index] === 0 &&
      intAt(openFrom, index) <= this.nextReturn &&
      this.nextReturn <= intAt(openUntil, index)
    );
  }

  /** Whether an operation with the same input stands in front of this lost one. */
  private hasTwin(index: number): boolean {
    let twin = intAt(this.previousTwin, index);
    while (twin !== NO_OPERATION && !this.isOpenAndNotInOrder(twin)) twin = intAt(this.previousTwin, twin);
    return twin !== NO_OPERATION;
  }

  private stepTo(index: number): State | undefined {
    const { input, output } = at(this.operations, index);
    return this.model.step(this.state, input, output);
  }

  private numberOf(state: State): number {
    const key = this.model.key(state);
    const known = this.stateNumbers.get(key);
    if (known !== undefined) return known;
    const number = this.stateNumbers.size;
    this.stateNumbers.set(key, number);
    return number;
  }

  private pushMove(operation: number, cursorAfter: number): void {
    const { nextReturn, state, stateNumber } = this;
    this.moves.push({ operation, cursorAfter, nextReturn, state, stateNumber });
  }

  private putNext(index: number, cursorAfter: number, state: State, stateNumber: number): void {
    this.pushMove(index, cursorAfter);
    this.state = state;
    this.stateNumber = stateNumber;
    this.inOrder[index] = 1;
    this.setOpenBit(index);
    this.passReturns();
  }

  private passReturns(): void {
    const { returnCount, byReturn } = this.timeline;
    for (; this.nextReturn < returnCount; this.nextReturn++) {
      const index = intAt(byReturn, this.nextReturn);
      if (this.inOrder[index] === 0) return;
      this.clearOpenBit(index);
    }
  }

  /** Undoes the move just popped. */
  private takeBack(move: Move<State>): void {
    while (this.nextReturn > move.nextReturn) {
      this.nextReturn--;
      const index = intAt(this.timeline.byReturn, this.nextReturn);
      if (this.inOrder[index] === 1) this.setOpenBit(index);
    }
    if (move.operation !== NO_OPERATION) {
      this.inOrder[move.operation] = 0;
      this.clearOpenBit(move.operation);
    }
    this.state = move.state;
    this.stateNumber = move.stateNumber;
    this.sharedMoves = Math.min(this.sharedMoves, this.moves.length);
  }

  private setOpenBit(index: number): void {
    const slot = intAt(this.timeline.slot, index);
    this.openBits[slot >>> 5] = intAt(this.openBits, slot >>> 5) | (1 << (slot & 31));
  }

  private clearOpenBit(index: number): void {
    const slot = intAt(this.timeline.slot, index);
    this.openBits[slot >>> 5] = intAt(this.openBits, slot >>> 5) & ~(1 << (slot & 31));
  }

  private rememberFarthest(): void {
    if (this.nextReturn <= this.farthestReturn) return;
    this.farthestReturn = this.nextReturn;
    this.farthestMoves.length = this.sharedMoves;
    for (let depth = this.sharedMoves; depth < this.moves.length; depth++) {
      this.farthestMoves.push(at(this.moves, depth));
    }
    this.sharedMoves = this.moves.length;
  }
}

/** For each lossy operation the one before it in their order that has the same input. */
function previousTwins<State extends Defined, Input, Output extends Defined>(
  model: Model<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  timeline: Timeline,
): Int32Array {
  const previous = new Int32Array(operations.length).fill(NO_OPERATION);
  if (model.inputKey === undefined) return previous;
  const last = new Map<string | number, number>();
  for (const index of timeline.lossyInOrder) {
    const key = model.inputKey(at(operations, index).input);
    previous[index] = last.get(key) ?? NO_OPERATION;
    last.set(key, index);
  }
  return previous;
}
