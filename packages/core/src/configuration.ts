import type { NodeId } from "./entry.js";

/**
 * Who the members are (§6). Every list is sorted and free of repetition, and a member stands in one of `voters` and
 * `learners` at most.
 *
 * While `votersOutgoing` is not empty the configuration is *joint*: every decision needs a majority of `voters` and a
 * majority of `votersOutgoing`.
 */
export interface Configuration {
  /** Voters of the configuration, or of the one that is coming in while it is joint. */
  readonly voters: readonly NodeId[];
  /** Voters of the configuration that is going out; empty unless joint. */
  readonly votersOutgoing: readonly NodeId[];
  /** Members that receive the log but neither vote nor count (thesis §4.2.1). */
  readonly learners: readonly NodeId[];
  /** Outgoing voters that become learners when the joint configuration is left; empty unless joint. */
  readonly learnersNext: readonly NodeId[];
}

/** One step of a membership change. Several may be asked for at once. */
export type ConfigurationChange =
  /** Adds a member that receives the log without a vote. */
  | { readonly type: "addLearner"; readonly id: NodeId }
  /** Makes a learner a voter; refused until it has caught up. */
  | { readonly type: "promote"; readonly id: NodeId }
  /** Makes a voter a learner. */
  | { readonly type: "demote"; readonly id: NodeId }
  /** Takes a voter or learner out of the cluster. */
  | { readonly type: "remove"; readonly id: NodeId };
