import type { Member } from "../member/member.js";
import type { InternTable } from "../state/internTable.js";
import { anonymous, type Permutation } from "../state/permutations.js";
import { finish, hashTokens } from "../state/tokens.js";
import type { World } from "../state/world.js";

/**
 * Hashes states so that those which differ only in who is who have the same hash: of the hashes under all ways to put the
 * nodes into a row, the smallest. The row is sorted by what a member is like apart from names, so that only those alike
 * have to be tried in every order. A hash is a sum of those of its parts: the order of messages makes no difference.
 */
export class CanonicalHash {
  low = 0;
  high = 0;
  readonly #world: World;
  /** What each member is like apart from names; 0: not known yet. */
  readonly #likenesses: number[] = [];
  readonly #rows: SortedRows;

  constructor(world: World) {
    this.#world = world;
    this.#rows = new SortedRows(world.permutations, world.layout.nodes);
  }

  /** Leaves the two halves of the hash in `low` and `high`. */
  take(states: Int32Array, at: number): void {
    const candidates = this.#candidates(states, at);
    for (let i = 0; i < candidates.length; i += 1) this.#takeUnder(candidates[i] as number, states, at, i === 0);
  }

  #takeUnder(permutation: number, states: Int32Array, at: number, isFirst: boolean): void {
    const { layout, members, messages, histories } = this.#world;
    const count = states[at + layout.messageCount] as number;
    const rest = finish(Math.imul(states[at + layout.budgets] as number, 0x9e3779b1) ^ count);
    let place = histories.hashPlace(states[at + layout.history] as number, permutation);
    let low = (rest + (histories.hashes[place] as number)) | 0;
    let high = (Math.imul(rest, 0x7feb352d) + (histories.hashes[place + 1] as number)) | 0;
    for (let node = 0; node < layout.nodes; node += 1) {
      place = members.hashPlace(states[at + node] as number, permutation);
      low = (low + (members.hashes[place] as number)) | 0;
      high = (high + (members.hashes[place + 1] as number)) | 0;
    }
    for (let k = 0; k < count; k += 1) {
      place = messages.hashPlace(states[at + layout.messages + k] as number, permutation);
      low = (low + (messages.hashes[place] as number)) | 0;
      high = (high + (messages.hashes[place + 1] as number)) | 0;
    }
    if (!isFirst && (high > this.high || (high === this.high && low >= this.low))) return;
    this.low = low;
    this.high = high;
  }

  /** The permutations that put the nodes of this state into a sorted row. */
  #candidates(states: Int32Array, at: number): readonly number[] {
    const { nodes } = this.#world.layout;
    const founders = this.#world.bounds.nodes;
    if (this.#world.permutations.length === 1) return ONLY_FIRST;
    let ranks = 0;
    for (let node = 0; node < nodes; node += 1) {
      const own = this.#likenessOf(states[at + node] as number);
      const isFounder = node < founders;
      let rank = isFounder ? 0 : founders;
      for (let other = isFounder ? 0 : founders; other < (isFounder ? founders : nodes); other += 1) {
        if (this.#likenessOf(states[at + other] as number) < own) rank += 1;
      }
      ranks = ranks * nodes + rank;
    }
    return this.#rows.permutations(ranks);
  }

  #likenessOf(member: number): number {
    const known = this.#likenesses[member];
    if (known !== undefined) return known;
    const { members } = this.#world;
    for (let next = this.#likenesses.length; next <= member; next += 1)
      this.#likenesses.push(this.#liken(members, next));
    return this.#likenesses[member] as number;
  }

  #liken(members: InternTable<Member>, member: number): number {
    const self = this.#world.names.indexOf(members.get(member).raft.id);
    return hashTokens(members.tokensOf(member), anonymous(self, this.#world.layout.nodes)).low;
  }
}

const ONLY_FIRST: readonly number[] = [0];

/** For each way in which nodes can be ranked, the permutations that sort them. */
class SortedRows {
  readonly #permutations: readonly Permutation[];
  readonly #nodes: number;
  readonly #known = new Map<number, readonly number[]>();

  constructor(permutations: readonly Permutation[], nodes: number) {
    this.#permutations = permutations;
    this.#nodes = nodes;
  }

  /** `ranks` has a digit for each node: how many come before it. */
  permutations(ranks: number): readonly number[] {
    const known = this.#known.get(ranks);
    if (known !== undefined) return known;
    const rankOf = (node: number): number => Math.floor(ranks / this.#nodes ** (this.#nodes - 1 - node)) % this.#nodes;
    const nodes = Array.from({ length: this.#nodes }, (_, node) => node);
    const sorting = this.#permutations.flatMap(({ places }, number) => {
      const isSorted = nodes.every((a) => nodes.every((b) => rankOf(a) >= rankOf(b) || places[a]! < places[b]!));
      return isSorted ? [number] : [];
    });
    this.#known.set(ranks, sorting);
    return sorting;
  }
}
