import type { Histogram, NodeMetrics } from "@balsa/node";
import { collectDefaultMetrics, Counter, Gauge, Registry, type Metric } from "prom-client";

type Reading = (metrics: NodeMetrics) => number;

const number = (yes: boolean): number => (yes ? 1 : 0);

/** Names after etcd's (with `balsa_` for `etcd_`) wherever the meaning is the same. */
const GAUGES: Readonly<Record<string, readonly [help: string, read: Reading]>> = {
  balsa_server_has_leader: ["Whether this member knows a leader.", (m) => number(m.hasLeader)],
  balsa_server_is_leader: ["Whether this member leads.", (m) => number(m.isLeader)],
  balsa_server_proposals_committed_total: ["Index of the last entry that is committed.", (m) => m.commitIndex],
  balsa_server_proposals_applied_total: ["Index of the last entry that is applied.", (m) => m.appliedIndex],
  balsa_server_proposals_pending: ["Commands that wait for their outcome.", (m) => m.proposalsPending],
  balsa_server_reads_pending: ["Reads that wait for their answer.", (m) => m.readsPending],
  balsa_server_term: ["The current term.", (m) => m.term],
  balsa_server_last_log_index: ["Index of the last entry in the log.", (m) => m.lastLogIndex],
  balsa_server_snapshot_index: ["Index of the last entry that the newest snapshot holds.", (m) => m.snapshotIndex],
  balsa_server_sessions: ["Client sessions that are open.", (m) => m.sessions],
  balsa_server_client_connections: ["Clients that are connected.", (m) => m.clientConnections],
  balsa_disk_log_size_bytes: ["Bytes of the log in use.", (m) => m.logSizeBytes],
  balsa_disk_full: ["Whether proposals are refused for want of room on the disk.", (m) => number(m.diskFull)],
};

const COUNTERS: Readonly<Record<string, readonly [help: string, read: Reading]>> = {
  balsa_server_leader_changes_seen_total: ["Leaders that this member has seen come.", (m) => m.leaderChanges],
  balsa_server_proposals_answered_total: ["Commands answered since the start.", (m) => m.proposalsCommitted],
  balsa_server_proposals_failed_total: ["Commands refused, or of unknown outcome.", (m) => m.proposalsFailed],
  balsa_server_reads_served_total: ["Reads answered since the start.", (m) => m.readsServed],
  balsa_server_reads_failed_total: ["Reads refused.", (m) => m.readsFailed],
  balsa_server_snapshots_taken_total: ["Snapshots taken.", (m) => m.snapshotsTaken],
  balsa_server_snapshots_installed_total: ["Snapshots installed from a leader.", (m) => m.snapshotsInstalled],
};

/** The metrics of a node, as Prometheus reads them. What it counts is asked for at each scrape. */
export function prometheusRegistry(read: () => NodeMetrics): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  for (const [name, [help, value]] of Object.entries(GAUGES)) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value(read()));
      },
    });
  }
  for (const [name, [help, value]] of Object.entries(COUNTERS)) {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(value(read()));
      },
    });
  }
  addPeerMetrics(registry, read);
  const name = "balsa_disk_wal_fsync_duration_seconds";
  // A histogram that was counted elsewhere: prom-client's own can only observe.
  registry.registerMetric(new CountedHistogram(name, () => read().walSyncs) as unknown as Metric);
  return registry;
}

function addPeerMetrics(registry: Registry, read: () => NodeMetrics): void {
  const registers = [registry];
  new Counter({
    name: "balsa_network_peer_sent_bytes_total",
    help: "Bytes sent to a member.",
    labelNames: ["To"],
    registers,
    collect() {
      this.reset();
      for (const { id, sentBytes } of read().peers) this.inc({ To: id }, sentBytes);
    },
  });
  new Counter({
    name: "balsa_network_peer_received_bytes_total",
    help: "Bytes received from a member.",
    labelNames: ["From"],
    registers,
    collect() {
      this.reset();
      for (const { id, receivedBytes } of read().peers) this.inc({ From: id }, receivedBytes);
    },
  });
  new Counter({
    name: "balsa_network_peer_sent_failures_total",
    help: "Messages to a member that were dropped before they left.",
    labelNames: ["To"],
    registers,
    collect() {
      this.reset();
      for (const { id, droppedMessages } of read().peers) this.inc({ To: id }, droppedMessages);
    },
  });
  new Gauge({
    name: "balsa_network_active_peers",
    help: "Whether a member is connected.",
    labelNames: ["Remote"],
    registers,
    collect() {
      this.reset();
      for (const { id, connected } of read().peers) this.set({ Remote: id }, number(connected));
    },
  });
}

class CountedHistogram {
  readonly name: string;
  readonly #read: () => Histogram;

  constructor(name: string, read: () => Histogram) {
    this.name = name;
    this.#read = read;
  }

  get(): Promise<unknown> {
    const { boundsSeconds, counts, count, sumSeconds } = this.#read();
    const bucket = (le: number | string, value: number) => ({
      metricName: `${this.name}_bucket`,
      labels: { le },
      value,
    });
    const values = [
      ...boundsSeconds.map((bound, i) => bucket(bound, counts[i] ?? 0)),
      bucket("+Inf", count),
      { metricName: `${this.name}_sum`, labels: {}, value: sumSeconds },
      { metricName: `${this.name}_count`, labels: {}, value: count },
    ];
    return Promise.resolve({
      name: this.name,
      help: "Syncs of the log.",
      type: "histogram",
      aggregator: "sum",
      values,
    });
  }

  reset(): void {}
}
