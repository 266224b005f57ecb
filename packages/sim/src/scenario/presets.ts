import type { Scenario } from "./scenario.js";

/** What `npm start` shows: a cluster loses messages, its leader, its network and its power, gains a member, and no data. */
export const DEMONSTRATION: Scenario = {
  version: 1,
  name: "demonstration",
  description:
    "Five nodes serve 1,000 commands while the network loses messages, the leader crashes and loses what its disk had not " +
    "synced, a partition cuts its successor off, a sixth node joins, and at last the power fails.",
  seed: 7,
  nodes: 5,
  machine: "kv",
  workload: { commands: 1_000, ratePerSecond: 120 },
  faults: [
    { kind: "loss", atMs: 1_000, durationMs: 1_500, rate: 0.2 },
    { kind: "crash", atMs: 2_000, durationMs: 1_200, node: "leader", unsynced: "lose" },
    { kind: "partition", atMs: 4_500, durationMs: 1_500, side: ["leader", "follower:0"] },
    { kind: "addMember", atMs: 7_000 },
    { kind: "promote", atMs: 8_000 },
    { kind: "clusterCrash", atMs: 9_500, durationMs: 500, unsynced: "lose" },
  ],
};

/** Small runs that each show one thing, by name. */
export const TEACHING_SCENARIOS: Readonly<Record<string, Scenario>> = {
  "leader-crash": {
    version: 1,
    name: "leader-crash",
    description:
      "The leader dies. After an election timeout another takes over, and the old one comes back as a follower.",
    seed: 1,
    nodes: 3,
    machine: "counter",
    faults: [{ kind: "crash", atMs: 2_000, durationMs: 2_000, node: "leader" }],
    durationMs: 6_000,
  },
  "minority-partition": {
    version: 1,
    name: "minority-partition",
    description:
      "The leader and one follower are cut off. They can commit nothing; the other three elect a leader and go on, and " +
      "when the network heals the old leader's uncommitted entries give way.",
    seed: 2,
    nodes: 5,
    machine: "kv",
    faults: [{ kind: "partition", atMs: 2_000, durationMs: 3_000, side: ["leader", "follower:0"] }],
    durationMs: 8_000,
  },
  "bridge-node": {
    version: 1,
    name: "bridge-node",
    description:
      "The leader reaches the others only through one node, and two are no quorum of five. It steps down by itself, and one " +
      "of the other side takes over.",
    seed: 3,
    nodes: 5,
    machine: "kv",
    faults: [{ kind: "bridge", atMs: 2_000, durationMs: 4_000, bridge: "follower:3", side: ["leader"] }],
    durationMs: 9_000,
  },
  "lost-disk-tail": {
    version: 1,
    name: "lost-disk-tail",
    description:
      "Power fails everywhere at once. What no disk had synced is lost, and nobody had been told that it was kept.",
    seed: 4,
    nodes: 3,
    machine: "counter",
    workload: { ratePerSecond: 100 },
    faults: [{ kind: "clusterCrash", atMs: 2_000, durationMs: 1_000, unsynced: "lose" }],
    durationMs: 5_000,
  },
  "membership-change": {
    version: 1,
    name: "membership-change",
    description: "A fresh node learns the log and takes the leader's place: the leader removes itself, and hands over.",
    seed: 5,
    nodes: 3,
    machine: "kv",
    faults: [{ kind: "replaceMember", atMs: 2_000, node: "leader" }],
    durationMs: 6_000,
  },
  "rotten-log": {
    version: 1,
    name: "rotten-log",
    description: "A bit of a follower's log rots. It refuses to start, stays down, and is replaced by a fresh node.",
    seed: 6,
    nodes: 5,
    machine: "kv",
    workload: { ratePerSecond: 40 },
    faults: [
      { kind: "bitRot", atMs: 4_000, node: "follower:0" },
      { kind: "replaceMember", atMs: 5_000, node: "follower:0" },
    ],
    durationMs: 9_000,
  },
  "rolling-upgrade": {
    version: 1,
    name: "rolling-upgrade",
    description:
      "Members are replaced, one after the other, by ones that speak a newer protocol. With the last of them the group may rest, " +
      "which the older protocol has no words for; then one goes back to it, and all are awake again.",
    seed: 7,
    nodes: 3,
    machine: "kv",
    protocolVersion: 1,
    raft: { restAfterMs: 600, restingHeartbeatIntervalMs: 2_000 },
    workload: { clients: 2, ratePerSecond: 0.5 },
    faults: [
      { kind: "upgrade", atMs: 4_000, durationMs: 300, node: "n1", version: 2 },
      { kind: "upgrade", atMs: 8_000, durationMs: 300, node: "n2", version: 2 },
      { kind: "upgrade", atMs: 12_000, durationMs: 300, node: "n3", version: 2 },
      { kind: "upgrade", atMs: 24_000, durationMs: 300, node: "n2", version: 1 },
    ],
    durationMs: 32_000,
  },
};
