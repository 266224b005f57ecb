import type { NodeId } from "@balsa/core";
import { incarnationOf } from "./forwarder.js";

/** Ids that came before an earlier one, remembered one by one. */
const MAX_OUT_OF_ORDER = 4_096;
/** Processes of one member whose ids are remembered. */
const MAX_INCARNATIONS = 16;

interface Seen {
  /** All ids up to here count as seen. */
  through: number;
  readonly beyond: Set<number>;
}

/**
 * Which forwarded commands have come already, so that a message that the network repeats is not carried out twice. In
 * bounded memory: where too much is out of order, what is missing counts as seen, and its sender gets no answer.
 */
export class SeenRequests {
  readonly #bySender = new Map<NodeId, Map<number, Seen>>();

  /** Returns whether this id came for the first time. */
  note(from: NodeId, id: number): boolean {
    const seen = this.#seenOf(from, id);
    if (id <= seen.through || seen.beyond.has(id)) return false;
    if (id === seen.through + 1) {
      seen.through = id;
    } else {
      seen.beyond.add(id);
      if (seen.beyond.size > MAX_OUT_OF_ORDER) seen.through = lowest(seen.beyond);
    }
    while (seen.beyond.delete(seen.through + 1)) seen.through += 1;
    seen.beyond.delete(seen.through);
    return true;
  }

  #seenOf(from: NodeId, id: number): Seen {
    let incarnations = this.#bySender.get(from);
    if (incarnations === undefined) {
      incarnations = new Map();
      this.#bySender.set(from, incarnations);
    }
    const incarnation = incarnationOf(id);
    let seen = incarnations.get(incarnation);
    if (seen !== undefined) return seen;
    for (const oldest of incarnations.keys()) {
      if (incarnations.size < MAX_INCARNATIONS) break;
      incarnations.delete(oldest);
    }
    seen = { through: incarnation * 2 ** 32, beyond: new Set() };
    incarnations.set(incarnation, seen);
    return seen;
  }
}

function lowest(ids: ReadonlySet<number>): number {
  let least = Infinity;
  for (const id of ids) least = Math.min(least, id);
  return least;
}
