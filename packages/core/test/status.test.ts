import { expect, test } from "vitest";
import { ENTRY_OVERHEAD_BYTES } from "@balsa/core";
import { acknowledge, followerWith, commands, leader } from "./support/scenes.js";

test("a leader's status says what it knows of itself and of every peer", () => {
  const a = leader();
  a.propose("x");
  acknowledge(a, ["b"]);
  a.holdDisk = true;
  a.propose("yy");
  a.read(1);
  a.now += 10;
  a.receive("c", { type: "heartbeatResponse", round: 0, resting: false });
  expect(a.raft.status()).toEqual({
    id: "a",
    role: "leader",
    term: 2,
    vote: "a",
    leader: "a",
    configuration: { voters: ["a", "b", "c"], votersOutgoing: [], learners: [], learnersNext: [] },
    configurationCommitted: true,
    firstLogIndex: 1,
    lastLogIndex: 4,
    lastLogTerm: 2,
    durableIndex: 3,
    commitIndex: 3,
    appliedIndex: 3,
    snapshotIndex: 0,
    persistsInFlight: 1,
    uncommittedBytes: ENTRY_OVERHEAD_BYTES + 2,
    pendingReads: 1,
    holdsLease: false,
    isResting: false,
    transferringTo: null,
    peers: [
      {
        id: "b",
        state: "replicate",
        matchIndex: 3,
        nextIndex: 5,
        lagEntries: 1,
        inflightAppends: 1,
        inflightBytes: ENTRY_OVERHEAD_BYTES + 2,
        silentMs: 10,
        snapshotOffset: null,
      },
      {
        id: "c",
        state: "replicate",
        matchIndex: 2,
        nextIndex: 5,
        lagEntries: 2,
        inflightAppends: 2,
        inflightBytes: 2 * ENTRY_OVERHEAD_BYTES + 3,
        silentMs: 0,
        snapshotOffset: null,
      },
    ],
  });
});

test("a follower's names its leader and has no peers", () => {
  const a = followerWith(commands(2, 2));
  a.read(1);
  expect(a.raft.status()).toMatchObject({
    role: "follower",
    leader: "b",
    peers: [],
    pendingReads: 1,
    uncommittedBytes: 0,
  });
});

test("the getters agree with it", () => {
  const { raft } = leader();
  const status = raft.status();
  const { id, role, term, vote, commitIndex, appliedIndex, lastLogIndex, configuration } = raft;
  expect(status).toMatchObject({
    id,
    role,
    term,
    vote,
    leader: raft.leader,
    commitIndex,
    appliedIndex,
    lastLogIndex,
    configuration,
  });
  expect([raft.baseIndex, raft.baseTerm, raft.snapshot, raft.entryAt(99)]).toEqual([0, 0, null, null]);
});
