import { at, intAt } from "./at.js";
import type { Budget, SpentBudget } from "./budget.js";
import { DEFAULT_MAX_MEMORY_BYTES, DEFAULT_MAX_STATES } from "./budget.js";
import { ConfigurationSet } from "./configurationSet.js";
import type { Defined } from "./defined.js";
import { focusOn, type FullFocus } from "./focusOn.js";
import type { Model } from "./model.js";
import type { Operation } from "./operation.js";
import { StateTable } from "./stateTable.js";
import type { Timeline } from "./timeline.js";
import { createTimeline } from "./timeline.js";
import { NO_OPERATION, previousTwins } from "./twins.js";

/** A cursor past all moves. */
const NO_MORE = Number.MAX_SAFE_INTEGER;
const WORK_BETWEEN_STOP_CHECKS = 1024;
/** Comparing so many configurations takes about as long as visiting one. */
const COMPARISONS_PER_STATE = 16;
/** A move with its place in the path, and an operation's share of the timeline, rounded up. */
const BYTES_PER_MOVE = 80;
const BYTES_PER_OPERATION = 64;

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
 * Rules keep it from branching where that can't help:
 * - An operation is put in the order only when the next return needs that: what is open stays possible later on.
 * - A read that fits now is put next at once, as moving it forward in any order changes nothing else.
 * - A lost operation is tried last, never where it would change nothing or where the model says that it can't matter,
 *   and of several with equal inputs only the one that closes first: any order can exchange it for the others.
 * - Right after a lost operation nothing is put that would lead to the same state without it, and of two lost ones that
 *   could change places only one order is tried.
 * - A configuration is passed over where one was met that has used fewer lost operations and is otherwise the same.
 *
 * Each of them passes over an order only in favour of one that has fewer lost operations, or as many in an earlier
 * place of one fixed sequence; so they can't pass over all of them.
 */
export class Search<State extends Defined, Input, Output extends Defined> {
  private readonly model: Model<State, Input, Output>;
  private readonly operations: readonly Operation<Input, Output>[];
  private readonly budget: Budget;
  private readonly timeline: Timeline;
  private readonly readOnly: Int32Array;
  private readonly previousTwin: Int32Array;
  /** Of each lossy operation, in `lossyInOrder`. */
  private readonly placeOfLost: Int32Array;

  private nextReturn = 0;
  private state: State;
  private stateNumber: number;
  private readonly moves: Move<State>[] = [];
  private readonly inOrder: Int32Array;
  /** One bit for each slot: whether its open operation is in the order. */
  private readonly openBits: Int32Array;
  private readonly firstLostBit: number;
  private readonly focus: FullFocus<State, Input>;

  private readonly states: StateTable<State>;
  private readonly visited: ConfigurationSet;
  private nextStopCheck = WORK_BETWEEN_STOP_CHECKS;
  private spentBudget: SpentBudget | null = null;

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
    this.focus = focusOn(model, operations);
    this.previousTwin = previousTwins(this.focus, operations, this.timeline);
    this.placeOfLost = new Int32Array(operations.length);
    this.timeline.lossyInOrder.forEach((index, place) => (this.placeOfLost[index] = place));
    this.inOrder = new Int32Array(operations.length);
    const certainWords = Math.ceil(this.timeline.certainSlots / 32);
    const lostWords = Math.ceil(this.timeline.lossySlots / 32);
    this.firstLostBit = 32 * certainWords;
    this.openBits = new Int32Array(certainWords + lostWords);
    this.visited = new ConfigurationSet(certainWords, lostWords);
    this.states = new StateTable(this.focus);
    this.state = model.init();
    this.stateNumber = this.states.numberOf(this.state);
  }

  get statesExplored(): number {
    return this.visited.size;
  }

  /** What the search ran out of; null if it came to a verdict. */
  get spent(): SpentBudget | null {
    return this.spentBudget;
  }

  /** Runs to the end; to be called once. */
  run(): "linearizable" | "illegal" | "unknown" {
    for (;;) {
      if (this.nextReturn === this.timeline.returnCount) return "linearizable";
      this.spentBudget = this.whatIsSpent();
      if (this.spentBudget !== null) return "unknown";
      const isNew = this.visited.add(this.nextReturn, this.stateNumber, this.openBits);
      if (isNew) {
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

  private whatIsSpent(): SpentBudget | null {
    const { maxStates = DEFAULT_MAX_STATES, maxMemoryBytes = DEFAULT_MAX_MEMORY_BYTES, shouldStop } = this.budget;
    if (this.visited.size > maxStates) return "states";
    const pathBytes = (this.moves.length + this.farthestMoves.length) * BYTES_PER_MOVE;
    const operationBytes = this.operations.length * BYTES_PER_OPERATION;
    const bytes = this.visited.bytesNeededNext + this.states.bytes + pathBytes + operationBytes;
    if (bytes > maxMemoryBytes) return "memory";
    const work = this.visited.size + this.visited.comparisons / COMPARISONS_PER_STATE;
    if (work < this.nextStopCheck) return null;
    this.nextStopCheck = work + WORK_BETWEEN_STOP_CHECKS;
    return shouldStop?.() === true ? "time" : null;
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
      const next = this.stepTo(this.state, index);
      if (next === undefined || this.leadsHereWithoutLost(index, next)) continue;
      this.putNext(index, position + 1, next, this.states.numberOf(next));
      return true;
    }
    return this.moveLost(
      Math.max(cursor - lastCertain - 1, intAt(this.timeline.lossyFrom, this.nextReturn)),
      lastCertain,
    );
  }

  private moveLost(firstPlace: number, lastCertain: number): boolean {
    const { lossyInOrder } = this.timeline;
    for (let place = firstPlace; place < lossyInOrder.length; place++) {
      const index = intAt(lossyInOrder, place);
      if (!this.isOpenAndNotInOrder(index) || this.hasTwin(index)) continue;
      const next = this.stepIfItMatters(this.state, index);
      if (next === undefined || this.leadsHereWithoutLost(index, next)) continue;
      if (this.couldGoBeforeLost(index, place, next)) continue;
      this.putNext(index, lastCertain + 1 + place + 1, next, this.states.numberOf(next));
      return true;
    }
    return false;
  }

  /** The lost operation put just before, with the same return to come, and the state before it. */
  private lostJustBefore(): { readonly operation: number; readonly state: State } | undefined {
    const last = this.moves[this.moves.length - 1];
    if (last === undefined || last.operation === NO_OPERATION) return undefined;
    return last.nextReturn === this.nextReturn && this.timeline.lossy[last.operation] === 1 ? last : undefined;
  }

  /** Whether the lost operation put just before changes nothing about where this one leads. */
  private leadsHereWithoutLost(index: number, next: State): boolean {
    const before = this.lostJustBefore();
    if (before === undefined) return false;
    const without = this.stepTo(before.state, index);
    return without !== undefined && this.focus.equals(without, next);
  }

  /** Whether this lost operation and the one put just before can change places, and come first in that order. */
  private couldGoBeforeLost(index: number, place: number, next: State): boolean {
    const before = this.lostJustBefore();
    if (before === undefined || place > intAt(this.placeOfLost, before.operation)) return false;
    const between = this.stepIfItMatters(before.state, index);
    const after = between === undefined ? undefined : this.stepIfItMatters(between, before.operation);
    return after !== undefined && this.focus.equals(after, next);
  }

  /** Where a lost operation leads; undefined where it changes nothing, or nothing that matters. */
  private stepIfItMatters(state: State, index: number): State | undefined {
    const next = this.stepTo(state, index);
    if (next === undefined || this.focus.equals(next, state)) return undefined;
    const { input } = at(this.operations, index);
    return this.focus.lostMatters(state, next, input, this.timeOf(this.nextReturn)) ? next : undefined;
  }

  /** Puts a read that fits next, without alternatives. */
  private moveRead(): boolean {
    const lastCertain = intAt(this.timeline.lastReturnOpen, this.nextReturn);
    for (let position = this.nextReturn; position <= lastCertain; position++) {
      const index = intAt(this.timeline.byReturn, position);
      if (this.readOnly[index] !== 1 || !this.isCertainCandidate(index)) continue;
      if (this.stepTo(this.state, index) === undefined) continue;
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

  private stepTo(state: State, index: number): State | undefined {
    const { input, output } = at(this.operations, index);
    return this.model.step(state, input, output);
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
    const bit = this.bitOf(index);
    this.openBits[bit >>> 5] = intAt(this.openBits, bit >>> 5) | (1 << (bit & 31));
  }

  private clearOpenBit(index: number): void {
    const bit = this.bitOf(index);
    this.openBits[bit >>> 5] = intAt(this.openBits, bit >>> 5) & ~(1 << (bit & 31));
  }

  private bitOf(index: number): number {
    const slot = intAt(this.timeline.slot, index);
    return this.timeline.lossy[index] === 1 ? this.firstLostBit + slot : slot;
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
