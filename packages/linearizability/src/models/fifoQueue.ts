import { structuralHash } from "../structuralHash.js";
import type { QueueValue } from "./queue.js";

interface Cell {
  readonly value: QueueValue;
  readonly next: Cell | null;
}

/** Odd, so that multiplying by it modulo 2^32 can be undone. */
const BASE = 0x85ebca6b | 0;
const INVERSE = inverseOf(BASE);

/**
 * An immutable queue that shares its cells with those it was made from: the front in order, the back reversed. Its hash
 * is the polynomial of its values in BASE modulo 2^32, so that both ends can change it alone.
 */
export class FifoQueue {
  static readonly EMPTY = new FifoQueue(null, null, 0, 0, 1);

  readonly hash: number;
  private readonly fronts: Cell | null;
  private readonly backs: Cell | null;
  private readonly length: number;
  /** BASE to the power of the length. */
  private readonly power: number;

  private constructor(fronts: Cell | null, backs: Cell | null, length: number, hash: number, power: number) {
    this.fronts = fronts;
    this.backs = backs;
    this.length = length;
    this.hash = hash;
    this.power = power;
  }

  get front(): QueueValue | null {
    return this.fronts?.value ?? null;
  }

  enqueue(value: QueueValue): FifoQueue {
    const hash = (Math.imul(this.hash, BASE) + structuralHash(value)) | 0;
    const power = Math.imul(this.power, BASE);
    if (this.fronts === null) return new FifoQueue({ value, next: null }, null, 1, hash, power);
    return new FifoQueue(this.fronts, { value, next: this.backs }, this.length + 1, hash, power);
  }

  /** Without its front, which must be there. */
  dequeue(): FifoQueue {
    if (this.fronts === null) throw new Error("an empty queue has no front to take away");
    const power = Math.imul(this.power, INVERSE);
    const hash = (this.hash - Math.imul(structuralHash(this.fronts.value), power)) | 0;
    const { next } = this.fronts;
    if (next !== null) return new FifoQueue(next, this.backs, this.length - 1, hash, power);
    let fronts: Cell | null = null;
    for (let cell = this.backs; cell !== null; cell = cell.next) fronts = { value: cell.value, next: fronts };
    return new FifoQueue(fronts, null, this.length - 1, hash, power);
  }

  equals(other: FifoQueue): boolean {
    if (this.hash !== other.hash || this.length !== other.length) return false;
    const theirs = other.values();
    return this.values().every((value, index) => value === theirs[index]);
  }

  private values(): readonly QueueValue[] {
    const values: QueueValue[] = [];
    for (let cell = this.fronts; cell !== null; cell = cell.next) values.push(cell.value);
    const later: QueueValue[] = [];
    for (let cell = this.backs; cell !== null; cell = cell.next) later.push(cell.value);
    return values.concat(later.reverse());
  }
}

/** By Newton's iteration: each round doubles the bits that are right. */
function inverseOf(odd: number): number {
  let inverse = odd;
  for (let round = 0; round < 5; round++) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse;
}
