import { invariant } from "@balsa/core";
import type { Permutation } from "./permutations.js";

/**
 * Plain data as a row of whole numbers, so that it can be compared exactly, and hashed as it would be if nodes had other
 * names. Each token is a value and, in its lowest three bits, what kind of value that is.
 */
export type Tokens = ArrayLike<number>;

const NUMBER = 0;
const NODE = 1;
/** A set of nodes, one bit each. */
const NODES = 2;
const TEXT = 3;
const CONSTANT = 4;
const LIST = 5;
/** Elements of which each names a node or a receiver: their order is that of names, and so says nothing. */
const UNORDERED = 6;
const LENGTH = 7;

const MAX_VALUE = 2 ** 27;
const CONSTANTS: readonly unknown[] = [null, false, true, undefined];

/** Writes plain data as tokens. Any text that is the name of a node is taken for that node. */
export class Tokenizer {
  readonly #nodes: ReadonlyMap<string, number>;
  readonly #texts = new Map<number, string>();

  constructor(names: readonly string[]) {
    this.#nodes = new Map(names.map((name, node) => [name, node]));
  }

  tokens(value: unknown): number[] {
    const out: number[] = [];
    this.#write(value, out);
    return out;
  }

  #write(value: unknown, out: number[]): void {
    if (typeof value === "number") out.push(token(value, NUMBER));
    else if (typeof value === "string") this.#writeText(value, out);
    else if (typeof value !== "object" || value === null) out.push(token(CONSTANTS.indexOf(value), CONSTANT));
    else if (value instanceof Uint8Array) this.#writeList([...value], out);
    else if (Array.isArray(value)) this.#writeList(value as readonly unknown[], out);
    else for (const item of Object.values(value)) this.#write(item, out);
  }

  #writeText(text: string, out: number[]): void {
    const node = this.#nodes.get(text);
    out.push(node === undefined ? token(this.#numberOf(text), TEXT) : token(node, NODE));
  }

  #writeList(list: readonly unknown[], out: number[]): void {
    const first = list[0];
    if (typeof first === "string") {
      out.push(token(this.#maskOf(list), NODES));
    } else if (typeof first === "object" && first !== null && ("id" in first || "to" in first)) {
      out.push(token(list.length, UNORDERED));
      for (const item of list) {
        const element = this.tokens(item);
        out.push(token(element.length, LENGTH));
        for (const part of element) out.push(part);
      }
    } else {
      out.push(token(list.length, LIST));
      for (const item of list) this.#write(item, out);
    }
  }

  #maskOf(names: readonly unknown[]): number {
    let mask = 0;
    for (const name of names) {
      const node = this.#nodes.get(name as string);
      invariant(node !== undefined, () => `${String(name)} is a node of this world`);
      mask |= 1 << node;
    }
    return mask;
  }

  /** The same number for a text in every process, so that hashes can be compared between them. */
  #numberOf(text: string): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    const number = hash & (MAX_VALUE - 1);
    const known = this.#texts.get(number);
    invariant(known === undefined || known === text, () => `${text} and ${String(known)} have different numbers`);
    this.#texts.set(number, text);
    return number;
  }
}

function token(value: number, kind: number): number {
  invariant(
    Number.isInteger(value) && value < MAX_VALUE && value > -MAX_VALUE,
    () => `${value} is a whole number that fits into a token`,
  );
  return value * 8 + kind;
}

/** Two hashes of 32 bits each, independent of each other. */
export interface Hash {
  low: number;
  high: number;
}

/** Hashes tokens as if nodes had changed places. */
export function hashTokens(tokens: Tokens, permutation: Permutation): Hash {
  return hashRange(tokens, 0, tokens.length, permutation);
}

function hashRange(tokens: Tokens, from: number, to: number, permutation: Permutation): Hash {
  let low = 0x2545f491;
  let high = 0x6c078965;
  let at = from;
  while (at < to) {
    let value = tokens[at] as number;
    at += 1;
    const kind = value & 7;
    if (kind === NODE) value = (permutation.places[value >> 3] as number) * 8 + NODE;
    else if (kind === NODES) value = (permutation.masks[value >> 3] as number) * 8 + NODES;
    low = mixLow(low, value);
    high = mixHigh(high, value);
    if (kind !== UNORDERED) continue;
    let lowSum = 0;
    let highSum = 0;
    for (let left = value >> 3; left > 0; left -= 1) {
      const length = (tokens[at] as number) >> 3;
      const element = hashRange(tokens, at + 1, at + 1 + length, permutation);
      lowSum = (lowSum + element.low) | 0;
      highSum = (highSum + element.high) | 0;
      at += 1 + length;
    }
    low = mixLow(low, lowSum);
    high = mixHigh(high, highSum);
  }
  return { low: finish(low), high: finish(high) };
}

/** One round of MurmurHash3 (Appleby, public domain), with other constants for the second hash. */
function mixLow(hash: number, value: number): number {
  let mixed = Math.imul(value, 0xcc9e2d51);
  mixed = (mixed << 15) | (mixed >>> 17);
  mixed = hash ^ Math.imul(mixed, 0x1b873593);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function mixHigh(hash: number, value: number): number {
  let mixed = Math.imul(value, 0x239b961b);
  mixed = (mixed << 16) | (mixed >>> 16);
  mixed = hash ^ Math.imul(mixed, 0xab0e9789);
  return (Math.imul((mixed << 11) | (mixed >>> 21), 5) + 0x561ccd1b) | 0;
}

export function finish(hash: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
