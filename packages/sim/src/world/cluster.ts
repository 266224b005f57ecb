import type { Configuration, NodeId } from "@balsa/core";
import { isQuorum } from "../invariants/configurationRules.js";
import { ClusterNode } from "./clusterNode.js";
import type { WorldContext } from "./worldContext.js";

/** All nodes but those that are retired, as somebody sees them who sees everything. */
export class Cluster {
  /** By id; insertion order is the order of their names. */
  readonly nodes = new Map<NodeId, ClusterNode>();
  /** How many there have been. */
  #count = 0;
  readonly #world: WorldContext;
  /** The first `#touchedCount` wait to be looked at; the list is used again and again, as that is cheaper. */
  readonly #touched: ClusterNode[] = [];
  #touchedCount = 0;

  constructor(world: WorldContext) {
    this.#world = world;
    const founders = Array.from({ length: world.scenario.nodes }, (_, i) => `n${i + 1}`);
    for (const id of founders) this.#add(id, founders);
  }

  node(id: NodeId): ClusterNode | null {
    return this.nodes.get(id) ?? null;
  }

  /** A node that never was, with an empty disk, waiting to be made a member. */
  addFresh(): ClusterNode {
    const node = this.#add(`n${this.#count + 1}`, null);
    node.start();
    return node;
  }

  /** Looks at every member to which something may have happened; to be called after every step. */
  observe(): void {
    const touched = this.#touched;
    const count = this.#touchedCount;
    if (count === 0) return;
    const { checker, watch } = this.#world;
    this.#touchedCount = 0;
    // One touched anew while it goes on takes a place that has been looked at, and waits for the next step.
    for (let i = 0; i < count; i += 1) {
      const node = touched[i] as ClusterNode;
      node.toBeObserved = false;
      const { replica } = node;
      if (replica !== null) {
        checker.observe(node.record, replica.raft);
        watch?.stepped(node.id, replica.raft);
      }
      if (node.hasBacklog) this.#touch(node);
    }
  }

  readonly #touch = (node: ClusterNode): void => {
    if (node.toBeObserved) return;
    node.toBeObserved = true;
    this.#touched[this.#touchedCount] = node;
    this.#touchedCount += 1;
  };

  /** Switches off a node that is no member any more, and lets go of all that it had. */
  retire(node: ClusterNode): void {
    node.retire();
    this.nodes.delete(node.id);
    this.#world.network.forget(node.id);
    this.#world.timeline.leaves(node.id);
  }

  running(): ClusterNode[] {
    return Array.from(this.nodes.values()).filter((node) => node.replica !== null);
  }

  /** The running leader of the highest term, or null. */
  leader(): ClusterNode | null {
    let best: ClusterNode | null = null;
    for (const node of this.nodes.values()) {
      const raft = node.replica?.raft;
      if (raft?.role !== "leader") continue;
      if (best === null || raft.term > (best.replica?.raft.term ?? 0)) best = node;
    }
    return best;
  }

  /** The configuration committed last, as far as any member's log tells; of those that run and, if none does, that ran. */
  configuration(): Configuration {
    let best: ClusterNode | null = null;
    for (const node of this.nodes.values()) {
      if (best === null || node.record.commitIndex > best.record.commitIndex) best = node;
    }
    const found = best?.replica?.raft.configuration ?? best?.record.configuration ?? null;
    return found ?? { voters: Array.from(this.nodes.keys()), votersOutgoing: [], learners: [], learnersNext: [] };
  }

  voters(): readonly NodeId[] {
    return this.configuration().voters;
  }

  /** Every configuration that some member may still go by. */
  configurations(): readonly Configuration[] {
    const found: Configuration[] = [this.configuration()];
    for (const node of this.nodes.values()) {
      const { configuration, configurationIndex } = node.record;
      if (configuration !== null && configurationIndex > 0) found.push(configuration);
    }
    return found;
  }

  /** Whether each of these configurations could still decide if these nodes were lost as well as those that are. */
  couldLose(configurations: readonly Configuration[], also: readonly NodeId[]): boolean {
    const survives = (id: NodeId): boolean => {
      const node = this.nodes.get(id);
      if (node === undefined || node.rotten || also.includes(id)) return false;
      return node.state !== "lost";
    };
    return configurations.every((configuration) => isQuorum(configuration, survives));
  }

  #add(id: NodeId, founders: readonly NodeId[] | null): ClusterNode {
    const node = new ClusterNode(this.#world, id, founders, this.#touch);
    this.nodes.set(id, node);
    this.#count += 1;
    return node;
  }
}
