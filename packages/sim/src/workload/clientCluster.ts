import type { NodeId } from "@balsa/core";
import type { Replica } from "@balsa/replica";
import type { Task } from "../schedule/task.js";
import type { ObservedMachine } from "../world/observedMachine.js";

/** A node, as clients need it. */
export interface ClientNode {
  readonly id: NodeId;
  readonly state: string;
  /** Null unless running. */
  readonly replica: Replica | null;
  readonly machine: ObservedMachine | null;
  /** Runs something in the process, as soon as that lets it in; never if it dies before. */
  enter(task: Task): void;
}

/** The members of a group, as clients need them. */
export interface ClientCluster {
  node(id: NodeId): ClientNode | null;
  voters(): readonly NodeId[];
}
