import type { LinkConditions } from "../faults/linkConditions.js";
import type { WorldContext } from "../world/worldContext.js";
import type { ClientCluster } from "./clientCluster.js";
import { ClientChannel } from "./clientChannel.js";
import type { ClientConnection } from "./retryingRequest.js";

export const DEFAULT_REQUEST_TIMEOUT_MS = 1_000;

/** The connection of a client, which turns to some voter first. */
export function newConnection(
  world: WorldContext,
  cluster: ClientCluster,
  conditions: LinkConditions,
  number: number,
): ClientConnection {
  const voters = cluster.voters();
  return {
    world,
    cluster,
    requests: new ClientChannel(world, conditions, `client/${number}/request`),
    responses: new ClientChannel(world, conditions, `client/${number}/response`),
    backoff: world.streams.stream(`client/${number}/backoff`),
    forwarding: world.streams.stream(`client/${number}/forwarding`),
    requestTimeoutMs: world.scenario.workload?.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
    target: voters[number % voters.length] ?? "n1",
  };
}
