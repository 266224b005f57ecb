import { FramedRequests, TlsContext } from "@balsa/client/connection";
import { completeOptions, membersOf, type NodeId, type RaftOptions } from "@balsa/core";
import type { Histogram, NodeStatus } from "./raftNodeApi.js";
import type { MemberOptions } from "./raftNodeOptions.js";

/** Settings that must fit the network and the disks, and be the same on all members. */
export type FittedSettings = Pick<
  RaftOptions,
  | "electionTimeoutMs"
  | "heartbeatIntervalMs"
  | "preVote"
  | "checkQuorum"
  | "leaderStickiness"
  | "leaseReads"
  | "maxClockDriftRatio"
>;

/** What a member can tell of whether its surroundings are fit for it. */
export interface NodeDiagnosis {
  readonly id: NodeId;
  readonly settings: FittedSettings;
  /** Syncs of its log since it was started. */
  readonly walSyncs: Histogram;
  readonly links: readonly LinkDiagnosis[];
}

/** The way to another member. */
export interface LinkDiagnosis {
  readonly to: NodeId;
  readonly address: string | null;
  /** The median of a few round trips through both processes; null where there was none. */
  readonly roundTripMs: number | null;
  readonly slowestMs: number | null;
  readonly error: string | null;
}

const ROUND_TRIPS = 9;
const TIMEOUT_MS = 2_000;

export async function diagnoseNode(
  status: NodeStatus,
  options: MemberOptions,
  walSyncs: Histogram,
): Promise<NodeDiagnosis> {
  const raft = completeOptions(options.raft);
  const { electionTimeoutMs, heartbeatIntervalMs, preVote, checkQuorum, leaderStickiness } = raft;
  const { leaseReads, maxClockDriftRatio } = raft;
  const campaigning = { electionTimeoutMs, heartbeatIntervalMs, preVote, checkQuorum, leaderStickiness };
  const others = membersOf(status.configuration).filter((id) => id !== status.id);
  const links = await Promise.all(others.map((to) => probe(to, status, options)));
  return { id: status.id, settings: { ...campaigning, leaseReads, maxClockDriftRatio }, walSyncs, links };
}

/** Never rejects: what is wrong is what it is to find. */
async function probe(to: NodeId, status: NodeStatus, { group = 1, tls: files }: MemberOptions): Promise<LinkDiagnosis> {
  const address = status.addresses[to] ?? null;
  const none = { to, address, roundTripMs: null, slowestMs: null };
  if (address === null) return { ...none, error: "its address is not known" };
  const { clusterId, id } = status;
  try {
    const tls = files === undefined ? null : new TlsContext(files, () => undefined);
    const requests = await FramedRequests.connect({ address, clusterId, group, name: id, tls, timeoutMs: TIMEOUT_MS });
    try {
      const tripsMs: number[] = [];
      for (let i = 0; i < ROUND_TRIPS; i++) {
        const sentAt = performance.now();
        await requests.ask({ type: "admin", json: '{"op":"clock"}' }, "admin");
        tripsMs.push(performance.now() - sentAt);
      }
      tripsMs.sort((a, b) => a - b);
      return { to, address, roundTripMs: tripsMs[ROUND_TRIPS >> 1]!, slowestMs: tripsMs.at(-1)!, error: null };
    } finally {
      requests.close();
    }
  } catch (error) {
    return { ...none, error: error instanceof Error ? error.message : String(error) };
  }
}
