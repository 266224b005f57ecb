import { describe, expect } from "vitest";
import type { Activity } from "./support/activity.js";
import { ELECTION_TIMEOUT_MS, labTest, type RaftLab } from "./support/raftLab.js";

const ITERATIONS = 1_000;

/** A moment, and now and then a longer one, up to half the lab's election timeout. */
function* pauseAsInFigure8(lab: RaftLab): Activity {
  yield lab.chance.chance(0.1) ? lab.chance.integer(0, ELECTION_TIMEOUT_MS / 2 - 1) : lab.chance.integer(0, 12);
}

/** A command to every server; gives the last one that leads, if any does. */
function startEverywhere(lab: RaftLab): number | null {
  const leaders = lab.servers.filter((server) => lab.startCommand(server, lab.newCommand()) !== null);
  return leaders.findLast((server) => lab.isConnected(server)) ?? null;
}

function* restart(lab: RaftLab, server: number): Activity {
  lab.crash(server);
  yield* lab.start(server);
}

/** One of the clients of the churn: every command that it saw committed. */
function* churnClient(lab: RaftLab, number: number, isOver: () => boolean): Activity<string[]> {
  const seen: string[] = [];
  while (!isOver()) {
    const command = lab.newCommand();
    const indexes = lab.servers.map((server) => lab.startCommand(server, command)?.index ?? null);
    const index = indexes.findLast((each) => each !== null) ?? null;
    if (index === null) {
      yield 79 + number * 17;
      continue;
    }
    for (const waitMs of [10, 20, 50, 100, 200]) {
      const committed = lab.committed(index);
      if (committed.count > 0) {
        if (committed.command === command) seen.push(command);
        break;
      }
      yield waitMs;
    }
  }
  return seen;
}

function* churn(lab: RaftLab): Activity {
  const size = lab.size;
  const { chance } = lab;
  let isOver = false;
  const clients = [0, 1, 2].map((number) => lab.spawn(churnClient(lab, number, () => isOver)));
  for (let round = 0; round < 20; round += 1) {
    if (chance.chance(0.2)) lab.disconnect(chance.integer(0, size - 1));
    if (chance.chance(0.5)) {
      const server = chance.integer(0, size - 1);
      yield* lab.start(server);
      lab.connect(server);
    }
    if (chance.chance(0.2)) lab.crash(chance.integer(0, size - 1));
    // More than the time of an election, so that some progress is likely.
    yield 700;
  }
  yield ELECTION_TIMEOUT_MS;
  lab.network.isUnreliable = false;
  for (const server of lab.servers) yield* lab.start(server);
  lab.connectAll();
  isOver = true;

  const committed: string[] = [];
  for (const client of clients) committed.push(...(yield* client.join()));
  expect(committed.length).toBeGreaterThan(0);
  yield ELECTION_TIMEOUT_MS;
  const last = yield* lab.agree(lab.newCommand(), size, true);
  for (const server of lab.servers) {
    const kept = new Set(lab.commandsOf(server));
    expect(kept.size).toBe(last);
    expect(committed.filter((command) => !kept.has(command))).toEqual([]);
  }
}

describe("Persistence", () => {
  labTest("Persist1", { servers: 3 }, function* (lab) {
    yield* lab.agree("11", 3, true);
    yield* lab.restartAll();
    yield* lab.agree("12", 3, true);

    yield* restart(lab, yield* lab.checkOneLeader());
    yield* lab.agree("13", 3, true);

    const second = yield* lab.checkOneLeader();
    lab.crash(second);
    yield* lab.agree("14", 2, true);
    yield* lab.start(second);
    yield* lab.awaitCommand(4, 3);

    const follower = ((yield* lab.checkOneLeader()) + 1) % 3;
    lab.crash(follower);
    yield* lab.agree("15", 2, true);
    yield* lab.start(follower);
    yield* lab.agree("16", 3, true);
  });

  labTest("Persist2", { servers: 5 }, function* (lab) {
    let index = 1;
    for (let round = 0; round < 5; round += 1) {
      expect(yield* lab.agree(`${10 + index}`, 5, true)).toBe(index++);
      const leader = yield* lab.checkOneLeader();
      const [a, b, c, d] = [1, 2, 3, 4].map((place) => (leader + place) % 5) as [number, number, number, number];

      lab.disconnect(a, b);
      expect(yield* lab.agree(`${10 + index}`, 3, true)).toBe(index++);

      // Now the other two, who lack that, with one who has it.
      lab.disconnect(leader, c, d);
      yield* restart(lab, a);
      yield* restart(lab, b);
      lab.connect(a, b);
      yield ELECTION_TIMEOUT_MS;
      yield* restart(lab, c);
      lab.connect(c);
      expect(yield* lab.agree(`${10 + index}`, 3, true)).toBe(index++);
      lab.connect(d, leader);
    }
    yield* lab.agree("1000", 5, true);
  });

  labTest("Persist3", { servers: 3 }, function* (lab) {
    yield* lab.agree("101", 3, true);
    const leader = yield* lab.checkOneLeader();
    const [follower, cut] = [1, 2].map((place) => (leader + place) % 3) as [number, number];
    lab.disconnect(cut);
    yield* lab.agree("102", 2, true);

    lab.crash(leader);
    lab.crash(follower);
    lab.connect(cut);
    yield* lab.start(leader);
    yield* lab.agree("103", 2, true);
    yield* lab.start(follower);
    yield* lab.agree("104", 3, true);
  });

  labTest("Figure8", { servers: 5 }, function* (lab) {
    yield* lab.agree(lab.newCommand(), 1, true);
    let crashes = 0;
    for (let iteration = 0; iteration < ITERATIONS; iteration += 1) {
      const leader = startEverywhere(lab);
      yield* pauseAsInFigure8(lab);
      if (leader !== null && !lab.isDown(leader)) {
        lab.crash(leader);
        crashes += 1;
      }
      if (lab.servers.filter((server) => !lab.isDown(server)).length < 3) {
        const server = lab.chance.integer(0, 4);
        if (lab.isDown(server)) yield* lab.start(server);
      }
    }
    expect(crashes).toBeGreaterThan(10);
    for (const server of lab.servers) yield* lab.start(server);
    yield* lab.agree(lab.newCommand(), 5, true);
  });

  labTest("UnreliableAgree", { servers: 5 }, function* (lab) {
    lab.network.isUnreliable = true;
    const concurrent = [];
    for (let round = 1; round <= 49; round += 1) {
      for (let i = 0; i < 4; i += 1) concurrent.push(lab.spawn(lab.agree(`${100 * round + i}`, 1, true)));
      yield* lab.agree(`${round}`, 1, true);
    }
    lab.network.isUnreliable = false;
    for (const agreement of concurrent) yield* agreement.join();
    yield* lab.agree("100", 5, true);
  });

  labTest("Figure8Unreliable", { servers: 5 }, function* (lab) {
    lab.network.isUnreliable = true;
    yield* lab.agree(lab.newCommand(), 1, true);
    for (let iteration = 0; iteration < ITERATIONS; iteration += 1) {
      if (iteration === 200) lab.network.reordersReplies = true;
      const leader = startEverywhere(lab);
      yield* pauseAsInFigure8(lab);
      if (leader !== null && lab.chance.chance(0.5)) lab.disconnect(leader);
      if (lab.servers.filter((server) => lab.isConnected(server)).length < 3) {
        lab.connect(lab.chance.integer(0, 4));
      }
    }
    lab.connectAll();
    yield* lab.agree(lab.newCommand(), 5, true);
  });

  labTest("ReliableChurn", { servers: 5 }, churn);

  labTest("UnreliableChurn", { servers: 5 }, function* (lab) {
    lab.network.isUnreliable = true;
    yield* churn(lab);
  });
});
