import { describe, expect } from "vitest";
import { keyValueTest, type KeyValueLab } from "./support/keyValueLab.js";
import { keyValueRounds } from "./support/keyValueRounds.js";

const PUTS = 1_000;
const MAX_MS_PER_PUT = 33.3;
const COMPLETES_WITHIN_MS = 3_000;

/** Two of five with the leader among them, and the other three. */
function partitionLeaderInMinority(lab: KeyValueLab, leader: number): { majority: number; minority: number } {
  const [companion, ...majority] = [1, 2, 3, 4].map((place) => (leader + place) % 5) as [number, number, ...number[]];
  lab.partition([...majority], [leader, companion]);
  return { majority: majority[0], minority: leader };
}

describe("Key-value", () => {
  keyValueRounds("Basic", { clients: 1 });

  keyValueTest("Speed", { servers: 3 }, function* (lab) {
    const clerk = lab.newClerk();
    yield* lab.checkOneLeader();
    yield* clerk.put("x", "");
    const begun = lab.time.now;
    for (let i = 0; i < PUTS; i += 1) yield* clerk.put("x", `x 0 ${i} y`);
    expect((lab.time.now - begun) / PUTS).toBeLessThanOrEqual(MAX_MS_PER_PUT);
    yield* lab.checkGet(clerk, "x", `x 0 ${PUTS - 1} y`);
  });

  keyValueRounds("Concurrent", { clients: 5 });

  keyValueRounds("Unreliable", { clients: 5, isUnreliable: true });

  keyValueTest("OnePartition", { servers: 5 }, function* (lab) {
    const clerk = lab.newClerk();
    yield* clerk.put("1", "13");
    const sides = partitionLeaderInMinority(lab, yield* lab.checkOneLeader());

    // The majority goes on.
    const inMajority = lab.newClerk(sides.majority);
    yield* inMajority.put("1", "14");
    yield* lab.checkGet(inMajority, "1", "14");

    // The minority does nothing, not even a read.
    const [writer, reader] = [lab.newClerk(sides.minority), lab.newClerk(sides.minority)];
    const write = lab.spawn(writer.put("1", "15"));
    const read = lab.spawn(reader.get("1"));
    yield 1_000;
    expect([write.isDone, read.isDone]).toEqual([false, false]);
    yield* lab.checkGet(inMajority, "1", "14");
    yield* inMajority.put("1", "16");
    yield* lab.checkGet(inMajority, "1", "16");
    expect([write.isDone, read.isDone]).toEqual([false, false]);

    // Once it is healed both come to their end.
    lab.connectAll();
    writer.reachAll();
    reader.reachAll();
    yield COMPLETES_WITHIN_MS;
    expect([write.isDone, read.isDone]).toEqual([true, true]);
    yield* lab.checkGet(clerk, "1", "15");
  });

  keyValueRounds("ManyPartitionsOneClient", { clients: 1, partitions: true });

  keyValueRounds("ManyPartitionsManyClients", { clients: 5, partitions: true });

  keyValueRounds("PersistOneClient", { clients: 1, crashes: true });

  keyValueRounds("PersistConcurrent", { clients: 5, crashes: true });

  keyValueRounds("PersistConcurrentUnreliable", { clients: 5, isUnreliable: true, crashes: true });

  keyValueRounds("PersistPartition", { clients: 5, partitions: true, crashes: true });

  keyValueRounds("PersistPartitionUnreliable", { clients: 5, isUnreliable: true, partitions: true, crashes: true });

  keyValueRounds("PersistPartitionUnreliableLinearizable", {
    servers: 7,
    clients: 15,
    sharedKeys: 100,
    isUnreliable: true,
    partitions: true,
    crashes: true,
  });
});
