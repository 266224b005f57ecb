import { describe, expect } from "vitest";
import type { Activity } from "./support/activity.js";
import type { MitSetup } from "./support/mitCluster.js";
import { labTest, TEN_COMMANDS_BYTES, type RaftLab } from "./support/raftLab.js";

const SNAPSHOT_EVERY = 10;
const MAX_LOG_BYTES = 2_000;
const ITERATIONS = 30;

/** A snapshot about every ten commands, and no entry kept behind it. */
const SETUP: MitSetup = {
  servers: 3,
  raft: { logTailEntries: 0, snapshotChunkBytes: 1_024 },
  replica: { snapshotEveryBytes: TEN_COMMANDS_BYTES, segmentBytes: 1_024 },
};

interface Trouble {
  readonly disconnects: boolean;
  readonly isReliable: boolean;
  readonly crashes: boolean;
}

/** Half as many commands as there are to a snapshot, up to one and a half times as many. */
function drawCount(lab: RaftLab): number {
  return SNAPSHOT_EVERY / 2 + lab.chance.integer(0, SNAPSHOT_EVERY - 1);
}

/** Time and again one server misses so many commands that only a snapshot can bring it back. */
function* snapshotRounds(lab: RaftLab, { disconnects, isReliable, crashes }: Trouble): Activity {
  lab.network.isUnreliable = !isReliable;
  yield* lab.agree(lab.newCommand(), 3, true);
  let leader = yield* lab.checkOneLeader();
  for (let iteration = 0; iteration < ITERATIONS; iteration += 1) {
    const follower = (leader + 1) % 3;
    const [victim, sender] = iteration % 3 === 1 ? [leader, follower] : [follower, leader];
    if (disconnects) {
      lab.disconnect(victim);
      yield* lab.agree(lab.newCommand(), 2, true);
    }
    if (crashes) {
      lab.crash(victim);
      yield* lab.agree(lab.newCommand(), 2, true);
    }
    const count = drawCount(lab);
    for (let i = 0; i < count; i += 1) lab.startCommand(sender, lab.newCommand());
    const isSpared = !disconnects && !crashes;
    yield* lab.agree(lab.newCommand(), isSpared ? 3 : 2, true);
    expect(lab.maxLogBytes()).toBeLessThan(MAX_LOG_BYTES);

    if (crashes) yield* lab.start(victim);
    if (disconnects) lab.connect(victim);
    if (!isSpared) {
      yield* lab.agree(lab.newCommand(), 3, true);
      leader = yield* lab.checkOneLeader();
    }
  }
  for (const server of lab.servers) expect(lab.replica(server)?.raft.snapshot?.index).toBeGreaterThan(ITERATIONS);
}

describe("Snapshots", () => {
  labTest("SnapshotBasic", SETUP, (lab) =>
    snapshotRounds(lab, { disconnects: false, isReliable: true, crashes: false }),
  );

  labTest("SnapshotInstall", SETUP, (lab) =>
    snapshotRounds(lab, { disconnects: true, isReliable: true, crashes: false }),
  );

  labTest("SnapshotInstallUnreliable", SETUP, (lab) =>
    snapshotRounds(lab, { disconnects: true, isReliable: false, crashes: false }),
  );

  labTest("SnapshotInstallCrash", SETUP, (lab) =>
    snapshotRounds(lab, { disconnects: false, isReliable: true, crashes: true }),
  );

  labTest("SnapshotInstallUnreliableCrash", SETUP, (lab) =>
    snapshotRounds(lab, { disconnects: false, isReliable: false, crashes: true }),
  );

  labTest("SnapshotAllCrash", SETUP, function* (lab) {
    yield* lab.agree(lab.newCommand(), 3, true);
    for (let round = 0; round < 5; round += 1) {
      const count = drawCount(lab);
      for (let i = 0; i < count; i += 1) yield* lab.agree(lab.newCommand(), 3, true);
      const before = yield* lab.agree(lab.newCommand(), 3, true);
      yield* lab.restartAll();
      expect(yield* lab.agree(lab.newCommand(), 3, true)).toBeGreaterThan(before);
    }
  });

  labTest("SnapshotInit", SETUP, function* (lab) {
    for (let i = 0; i < SNAPSHOT_EVERY + 1; i += 1) yield* lab.agree(lab.newCommand(), 3, true);
    expect(lab.replica(0)?.raft.snapshot).not.toBeNull();
    yield* lab.restartAll();
    // The first start has only one command more, so that the second one finds its snapshot and hardly any log.
    yield* lab.agree(lab.newCommand(), 3, true);
    yield* lab.restartAll();
    yield* lab.agree(lab.newCommand(), 3, true);
  });
});
