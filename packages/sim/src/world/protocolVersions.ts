import type { NodeId } from "@balsa/core";
import { MAX_PROTOCOL_VERSION } from "@balsa/replica";

/** The newest version of the protocol that each node speaks. */
export class ProtocolVersions {
  readonly #first: number;
  readonly #changed = new Map<NodeId, number>();

  constructor(first: number = MAX_PROTOCOL_VERSION) {
    this.#first = first;
  }

  set(id: NodeId, version: number): void {
    this.#changed.set(id, version);
  }

  /** In which two nodes speak to each other. */
  common(a: NodeId, b: NodeId): number {
    return Math.min(this.#of(a), this.#of(b));
  }

  #of(id: NodeId): number {
    return this.#changed.get(id) ?? this.#first;
  }
}
