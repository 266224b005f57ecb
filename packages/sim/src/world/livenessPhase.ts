import type { NodeId } from "@balsa/core";
import type { Applied } from "@balsa/replica";
import { isQuorum } from "../invariants/configurationRules.js";
import type { ClientCluster } from "../workload/clientCluster.js";
import { ClientChannel } from "../workload/clientChannel.js";
import { DEFAULT_REQUEST_TIMEOUT_MS } from "../workload/newConnection.js";
import { RetryingRequest, type ClientConnection } from "../workload/retryingRequest.js";
import type { LinkConditions } from "../faults/linkConditions.js";
import type { Cluster } from "./cluster.js";
import type { ClusterNode } from "./clusterNode.js";
import type { WorldContext } from "./worldContext.js";

/**
 * Who stays broken for good: as many as there can be while the others decide, in every configuration that a member may
 * still go by. The others are to be healed.
 */
export function chooseBroken(world: WorldContext, cluster: Cluster): ReadonlySet<NodeId> {
  const configurations = cluster.configurations();
  const present = [...cluster.nodes.keys()];
  // One whose log has rotted may not have found out yet; it will.
  const isLost = (id: NodeId): boolean => cluster.node(id)?.state === "lost" || cluster.node(id)?.rotten === true;
  const broken = new Set(present.filter(isLost));
  for (const id of world.streams.stream("liveness/broken").shuffle([...present])) {
    if (broken.has(id)) continue;
    broken.add(id);
    const decide = configurations.every((configuration) =>
      isQuorum(configuration, (other) => present.includes(other) && !broken.has(other)),
    );
    if (!decide) broken.delete(id);
  }
  return broken;
}

/** Ends whatever ails a node. */
export function healNode(node: ClusterNode): void {
  node.usualDiskSpeed();
  node.disk.makeRoom();
  node.disk.failNext("write", 0);
  node.disk.failNext("sync", 0);
  node.disk.stall(0);
  node.clock.setRate(1);
  node.resume();
  node.start();
}

/** Breaks those for good, each in one of the ways there are: it dies, or hears nobody and is heard by nobody. */
export function breakForGood(
  world: WorldContext,
  cluster: Cluster,
  conditions: LinkConditions,
  broken: ReadonlySet<NodeId>,
): void {
  const stream = world.streams.stream("liveness/how");
  for (const id of broken) {
    const dies = stream.chance(0.5);
    const node = cluster.node(id);
    if (node === null) continue;
    if (dies) node.crash("keep");
    else conditions.isolate(id, [...cluster.nodes.keys()]);
  }
}

/** Sends one fresh command, which changes nothing, to those that were healed, until it is committed. */
export function sendProbe(
  world: WorldContext,
  cluster: ClientCluster,
  conditions: LinkConditions,
  target: NodeId,
  committed: () => void,
): void {
  const connection: ClientConnection = {
    world,
    cluster,
    requests: new ClientChannel(world, conditions, "client/probe/request"),
    responses: new ClientChannel(world, conditions, "client/probe/response"),
    backoff: world.streams.stream("client/probe/backoff"),
    forwarding: world.streams.stream("client/probe/forwarding"),
    requestTimeoutMs: world.scenario.workload?.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
    target,
  };
  const bytes = world.kit.encodeCommand(world.kit.harmless);
  const request = new RetryingRequest<Applied>(connection, {
    perform: (replica, node, done) => {
      replica.propose(bytes, null, (outcome) => {
        if (outcome.ok) world.checker.acknowledged(node.id, outcome.value.index, outcome.value.term);
        done(outcome);
      });
    },
    answered: committed,
    isFinal: () => false,
    refused: () => undefined,
  });
  request.send();
}
