import { describe, expect } from "vitest";
import { labTest, ELECTION_TIMEOUT_MS, type RaftLab, type Started } from "./support/raftLab.js";
import { commandBytes } from "./support/commandList.js";
import type { Activity } from "./support/activity.js";

/** The number is a command's place among the commands, so that the first one has index 1 as in the lab. */
const FIRST = 1;
/** Before the first command stand the first configuration and the leader's no-op. */
const ENTRIES_BEFORE_COMMANDS = 2;

/** The servers that come so many places after this one. */
function after(server: number, size: number, ...places: readonly number[]): number[] {
  return places.map((place) => (server + place) % size);
}

function mustStart(lab: RaftLab, server: number, command: string): Started {
  const started = lab.startCommand(server, command);
  if (started === null) throw new Error(`server ${server} refused a command: it does not lead`);
  return started;
}

function* agreeOnMany(lab: RaftLab, count: number, servers: number): Activity {
  for (let i = 0; i < count; i += 1) yield* lab.agree(lab.newCommand(), servers, true);
}

describe("Agreement", () => {
  labTest("BasicAgree", { servers: 3 }, function* (lab) {
    for (let index = FIRST; index <= 3; index += 1) {
      expect(lab.committed(index).count).toBe(0);
      expect(yield* lab.agree(`${index * 100}`, 3, false)).toBe(index);
    }
    const entries = lab.servers.map((server) => lab.replica(server)?.raft.lastLogIndex);
    expect(entries).toEqual([3, 3, 3].map((commands) => commands + ENTRIES_BEFORE_COMMANDS));
  });

  labTest("RPCBytes", { servers: 3 }, function* (lab) {
    yield* lab.agree("99", 3, false);
    lab.network.measuresBytes = true;
    let sent = 0;
    for (let index = FIRST + 1; index <= FIRST + 10; index += 1) {
      const command = lab.newCommand().padEnd(5_000, "x");
      expect(yield* lab.agree(command, 3, false)).toBe(index);
      sent += commandBytes(command).length;
    }
    expect(sent).toBe(50_000);
    expect(lab.network.bytes).toBeGreaterThan(2 * sent);
    expect(lab.network.bytes).toBeLessThanOrEqual(3 * sent + 50_000);
  });

  labTest("FollowerFailure", { servers: 3 }, function* (lab) {
    yield* lab.agree("101", 3, false);
    const first = yield* lab.checkOneLeader();
    lab.disconnect(...after(first, 3, 1));
    yield* lab.agree("102", 2, false);
    yield ELECTION_TIMEOUT_MS;
    yield* lab.agree("103", 2, false);

    const leader = yield* lab.checkOneLeader();
    lab.disconnect(...after(leader, 3, 1, 2));
    const { index } = mustStart(lab, leader, "104");
    expect(index).toBe(FIRST + 3);
    yield 2 * ELECTION_TIMEOUT_MS;
    expect(lab.committed(index).count).toBe(0);
  });

  labTest("LeaderFailure", { servers: 3 }, function* (lab) {
    yield* lab.agree("101", 3, false);
    lab.disconnect(yield* lab.checkOneLeader());
    yield* lab.agree("102", 2, false);
    yield ELECTION_TIMEOUT_MS;
    yield* lab.agree("103", 2, false);

    lab.disconnect(yield* lab.checkOneLeader());
    for (const server of lab.servers) lab.startCommand(server, "104");
    yield 2 * ELECTION_TIMEOUT_MS;
    expect(lab.committed(FIRST + 3).count).toBe(0);
  });

  labTest("FailAgree", { servers: 3 }, function* (lab) {
    yield* lab.agree("101", 3, false);
    const leader = yield* lab.checkOneLeader();
    const [follower] = after(leader, 3, 1) as [number];
    lab.disconnect(follower);
    yield* lab.agree("102", 2, false);
    yield* lab.agree("103", 2, false);
    yield ELECTION_TIMEOUT_MS;
    yield* lab.agree("104", 2, false);
    yield* lab.agree("105", 2, false);

    lab.connect(follower);
    yield* lab.agree("106", 3, true);
    yield ELECTION_TIMEOUT_MS;
    yield* lab.agree("107", 3, true);
  });

  labTest("FailNoAgree", { servers: 5 }, function* (lab) {
    yield* lab.agree("10", 5, false);
    const leader = yield* lab.checkOneLeader();
    const cut = after(leader, 5, 1, 2, 3);
    lab.disconnect(...cut);
    const { index } = mustStart(lab, leader, "20");
    expect(index).toBe(FIRST + 1);
    yield 2 * ELECTION_TIMEOUT_MS;
    expect(lab.committed(index).count).toBe(0);

    // The three may have elected one of their own, whose log lacks that command.
    lab.connect(...cut);
    const next = mustStart(lab, yield* lab.checkOneLeader(), "30");
    expect([FIRST + 1, FIRST + 2]).toContain(next.index);
    yield* lab.agree("1000", 5, true);
  });

  labTest("ConcurrentStarts", { servers: 3 }, function* (lab) {
    const leader = yield* lab.checkOneLeader();
    const { term } = mustStart(lab, leader, "1");
    const started = [100, 101, 102, 103, 104].map((command) =>
      lab.spawn(
        (function* (): Activity<number> {
          yield lab.chance.float();
          return mustStart(lab, leader, `${command}`).index;
        })(),
      ),
    );
    const agreed = [];
    for (const start of started) agreed.push(yield* lab.awaitCommand(yield* start.join(), 3, term));
    expect(agreed).toHaveLength(5);
    expect(new Set(agreed)).toEqual(new Set(["100", "101", "102", "103", "104"]));
  });

  labTest("Rejoin", { servers: 3 }, function* (lab) {
    yield* lab.agree("101", 3, true);
    const stale = yield* lab.checkOneLeader();
    lab.disconnect(stale);
    for (const command of ["102", "103", "104"]) mustStart(lab, stale, command);
    yield* lab.agree("103", 2, true);

    const next = yield* lab.checkOneLeader();
    lab.disconnect(next);
    lab.connect(stale);
    yield* lab.agree("104", 2, true);
    lab.connect(next);
    yield* lab.agree("105", 3, true);
  });

  labTest("Backup", { servers: 5 }, function* (lab) {
    const startFifty = (leader: number): void => {
      for (let i = 0; i < 50; i += 1) mustStart(lab, leader, lab.newCommand());
    };
    yield* lab.agree(lab.newCommand(), 5, true);

    // A leader with one follower has fifty commands that it can't commit.
    const first = yield* lab.checkOneLeader();
    const [companion, ...others] = after(first, 5, 1, 2, 3, 4) as [number, ...number[]];
    lab.disconnect(...others);
    startFifty(first);
    yield ELECTION_TIMEOUT_MS / 2;

    // The other three commit fifty of their own.
    lab.disconnect(first, companion);
    lab.connect(...others);
    yield* agreeOnMany(lab, 50, 3);

    // Then their leader, too, is left with one follower and fifty that it can't commit.
    const second = yield* lab.checkOneLeader();
    const cut = others.find((server) => server !== second) as number;
    lab.disconnect(cut);
    startFifty(second);
    yield ELECTION_TIMEOUT_MS / 2;

    // The first two come back with the one that was cut last.
    lab.disconnect(...lab.servers);
    lab.connect(first, companion, cut);
    yield* agreeOnMany(lab, 50, 3);

    lab.connectAll();
    yield* lab.agree(lab.newCommand(), 5, true);
  });

  labTest("Count", { servers: 3 }, function* (lab) {
    const leader = yield* lab.checkOneLeader();
    expect(lab.network.rpcs).toBeGreaterThanOrEqual(1);
    expect(lab.network.rpcs).toBeLessThanOrEqual(30);

    const before = lab.network.rpcs;
    const commands = Array.from({ length: 12 }, () => lab.newCommand());
    const started = commands.map((command) => mustStart(lab, leader, command));
    expect(started.map(({ index }) => index)).toEqual(commands.map((_, i) => FIRST + i));
    for (const [i, command] of commands.entries()) expect(yield* lab.awaitCommand(FIRST + i, 3)).toBe(command);
    expect(lab.network.rpcs - before).toBeLessThanOrEqual(42);

    const idle = lab.network.rpcs;
    yield 1_000;
    expect(lab.network.rpcs - idle).toBeLessThanOrEqual(60);
  });
});
