import { describe, expect } from "vitest";
import { keyValueTest } from "./support/keyValueLab.js";
import { keyValueRounds } from "./support/keyValueRounds.js";
import type { MitSetup } from "./support/mitCluster.js";
import { ELECTION_TIMEOUT_MS } from "./support/raftLab.js";

const MAX_STATE_BYTES = 1_000;
const MAX_LOG_BYTES = 8 * MAX_STATE_BYTES;
const MAX_SNAPSHOT_BYTES = 500;

/** A snapshot for every thousand bytes that were applied, and no entry kept behind it. */
const SETUP: MitSetup = {
  servers: 3,
  raft: { logTailEntries: 0 },
  replica: { snapshotEveryBytes: MAX_STATE_BYTES, segmentBytes: 2_048 },
};

describe("Key-value with snapshots", () => {
  keyValueTest("SnapshotRPC", SETUP, function* (lab) {
    const clerk = lab.newClerk();
    yield* clerk.put("a", "A");

    // One server misses fifty puts, and the log that holds them.
    lab.partition([0, 1], [2]);
    const first = lab.newClerk(0);
    for (let i = 0; i < 50; i += 1) yield* first.put(`${i}`, `${i}`);
    yield ELECTION_TIMEOUT_MS;
    yield* first.put("b", "B");
    expect(lab.maxLogBytes()).toBeLessThanOrEqual(MAX_LOG_BYTES);
    const missing = lab.replica(2)?.raft.lastLogIndex ?? Infinity;
    expect(lab.replica(0)?.raft.baseIndex).toBeGreaterThan(missing);

    // It is needed now, so it must catch up.
    lab.partition([0, 2], [1]);
    const second = lab.newClerk(0);
    yield* second.put("c", "C");
    yield* second.put("d", "D");
    for (const [key, value] of Object.entries({ a: "A", b: "B", 1: "1", 49: "49" })) {
      yield* lab.checkGet(second, key, value);
    }
    expect(lab.replica(2)?.raft.snapshot?.index).toBeGreaterThan(missing);

    lab.connectAll();
    yield* clerk.put("e", "E");
    for (const [key, value] of Object.entries({ c: "C", e: "E", 1: "1" })) yield* lab.checkGet(clerk, key, value);
  });

  keyValueTest("SnapshotSize", SETUP, function* (lab) {
    const clerk = lab.newClerk();
    for (let i = 0; i < 200; i += 1) {
      for (const value of ["0", "1"]) {
        yield* clerk.put("x", value);
        yield* lab.checkGet(clerk, "x", value);
      }
    }
    expect(lab.maxLogBytes()).toBeLessThanOrEqual(MAX_LOG_BYTES);
    expect(lab.maxSnapshotBytes()).toBeGreaterThan(0);
    expect(lab.maxSnapshotBytes()).toBeLessThanOrEqual(MAX_SNAPSHOT_BYTES);
  });

  keyValueRounds("SnapshotRecover", { clients: 1, crashes: true, maxStateBytes: MAX_STATE_BYTES });

  keyValueRounds("SnapshotRecoverManyClients", { clients: 20, crashes: true, maxStateBytes: MAX_STATE_BYTES });

  keyValueRounds("SnapshotUnreliable", { clients: 5, isUnreliable: true, maxStateBytes: MAX_STATE_BYTES });

  keyValueRounds("SnapshotUnreliableRecover", {
    clients: 5,
    isUnreliable: true,
    crashes: true,
    maxStateBytes: MAX_STATE_BYTES,
  });

  keyValueRounds("SnapshotUnreliableRecoverConcurrentPartition", {
    clients: 5,
    isUnreliable: true,
    crashes: true,
    partitions: true,
    maxStateBytes: MAX_STATE_BYTES,
  });

  keyValueRounds("SnapshotUnreliableRecoverConcurrentPartitionLinearizable", {
    servers: 7,
    clients: 15,
    sharedKeys: 100,
    isUnreliable: true,
    crashes: true,
    partitions: true,
    maxStateBytes: MAX_STATE_BYTES,
  });
});
