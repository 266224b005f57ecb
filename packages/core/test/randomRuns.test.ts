import type { ConfigurationChange } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { cluster, type Cluster } from "./support/cluster.js";
import { Safety } from "./support/safety.js";
import type { SeededRandom } from "./support/random.js";

const FOUNDERS = ["a", "b", "c"];
const ALL = [...FOUNDERS, "d", "e"];
const RUNS = 200;

interface Totals {
  committed: number;
  terms: number;
  reads: number;
  installed: number;
  changes: number;
  truncated: number;
  transfers: number;
}

/** One random life of a cluster: everything that can go wrong, then a bounded time to recover. */
function live(seed: number, leaseReads: boolean, totals: Totals): void {
  const options = {
    electionTimeoutMs: 100,
    heartbeatIntervalMs: 25,
    restAfterMs: seed % 2 === 0 ? 100 : 0,
    restingHeartbeatIntervalMs: 150,
    leaseReads,
    preVote: seed % 3 !== 0,
    logTailEntries: seed % 4,
    snapshotChunkBytes: 16,
    maxAppendEntries: 1 + (seed % 5),
    maxInflightAppends: 1 + (seed % 3),
  };
  const world = cluster({ ids: FOUNDERS, options, seed, checked: false });
  const { random } = world;
  world.add("d");
  world.add("e");
  const safety = new Safety(world);
  let steps = 0;
  world.afterStep = () => {
    steps += 1;
    safety.check();
    if (steps % 16 === 0) safety.checkLogs();
  };
  world.latencyMs = () => 1 + random.below(15);
  world.diskMs = () => random.below(20);
  disturbNetwork(world);
  for (let action = 0; action < 60; action += 1) {
    act(world, safety, random, action);
    world.run(random.below(60));
  }
  recover(world);
  safety.checkLogs();
  count(world, safety, totals);
}

function disturbNetwork(world: Cluster): void {
  const { random } = world;
  world.fate = () => (random.chance(0.08) ? "drop" : random.chance(0.08) ? "duplicate" : "deliver");
}

function act(world: Cluster, safety: Safety, random: SeededRandom, action: number): void {
  const up = [...world.members.values()];
  const member = up.length > 0 ? random.pick(up) : null;
  const leader = world.leader;
  switch (random.below(12)) {
    case 0:
      if (member !== null) world.crash(member.id, random.below(3));
      break;
    case 1:
    case 2:
      if (world.down.size > 0) world.restart(random.pick([...world.down.keys()]));
      break;
    case 3: {
      const aside = ALL.filter(() => random.chance(0.4));
      world.partition(
        aside,
        ALL.filter((id) => !aside.includes(id)),
      );
      break;
    }
    case 4:
      disturbNetwork(world);
      break;
    case 5:
      if (leader !== null) leader.reconfigure(...randomChanges(random));
      break;
    case 6:
      if (leader !== null && random.chance(0.5)) leader.transfer(random.pick(ALL));
      break;
    case 7:
    case 8:
      for (const taker of up) if (taker.appliedIndex > (taker.raft.snapshot?.index ?? 0)) taker.takeSnapshot();
      break;
    case 9:
      if (member !== null) safety.read(member, action, random.chance(0.5) ? "lease" : "linearizable");
      break;
    default:
      for (const proposer of up) if (proposer.raft.role === "leader") proposer.propose(`${action}`, `${action}'`);
  }
}

function randomChanges(random: SeededRandom): ConfigurationChange[] {
  const types = ["addLearner", "promote", "demote", "remove"] as const;
  const ids = ALL.filter(() => random.chance(0.3));
  return ids.map((id) => ({ type: random.pick(types), id }));
}

/** With everybody back and the network whole, the cluster must serve again. */
function recover(world: Cluster): void {
  for (const id of [...world.down.keys()]) world.restart(id);
  world.heal();
  world.latencyMs = () => 1;
  world.diskMs = () => 0;
  world.run(1_000);
  const leader = world.electLeader();
  leader.propose("last");
  const last = leader.raft.lastLogIndex;
  world.runUntil(() => leader.raft.appliedIndex >= last);
  const { voters, learners } = leader.raft.configuration;
  world.runUntil(() => [...voters, ...learners].every((id) => world.member(id).appliedIndex >= last));
  for (const id of [...voters, ...learners]) expect(world.member(id).commands).toEqual(leader.commands);
}

function count(world: Cluster, safety: Safety, totals: Totals): void {
  totals.committed += safety.committedIndex;
  totals.terms += safety.terms;
  totals.reads += safety.readsConfirmed;
  for (const member of world.members.values()) {
    totals.installed += member.eventsOf("snapshotInstalled").length;
    totals.changes += member.eventsOf("configurationCommitted").length;
    totals.truncated += member.eventsOf("logTruncated").length;
    totals.transfers += member.eventsOf("leadershipTransferStarted").length;
  }
}

describe.each([false, true])("random lives of a cluster, lease reads %s", (leaseReads) => {
  test("break none of the properties of figure 3, serve no stale read, and recover", { timeout: 60_000 }, () => {
    const totals: Totals = { committed: 0, terms: 0, reads: 0, installed: 0, changes: 0, truncated: 0, transfers: 0 };
    for (let seed = 1; seed <= RUNS / 2; seed += 1) {
      try {
        live(seed, leaseReads, totals);
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    }
    // A run in which nothing happens proves nothing.
    for (const [what, times] of Object.entries(totals)) expect(times, what).toBeGreaterThan(5);
  });
});
