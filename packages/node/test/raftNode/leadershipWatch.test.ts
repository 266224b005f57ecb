import type { Clock, Replica } from "@balsa/replica";
import { beforeEach, expect, it } from "vitest";
import { LeadershipWatch } from "../../src/raftNode/leadershipWatch.js";

let now: number;
let timers: { readonly at: number; readonly callback: () => void }[];
let watch: LeadershipWatch;
let roused = 0;
let replica: {
  isStopped: boolean;
  lastApplied: number;
  rouse: () => void;
  raft: { role: string; term: number; commitIndex: number; leadershipProvenUntil: number };
};

const clock: Clock = {
  now: () => now,
  setTimer: (at, callback) => {
    const timer = { at, callback };
    timers.push(timer);
    return { cancel: () => (timers = timers.filter((other) => other !== timer)) };
  },
  soon: (callback) => callback(),
};

function passTo(time: number): void {
  now = time;
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { callback } of due) callback();
}

beforeEach(() => {
  now = 0;
  timers = [];
  replica = {
    isStopped: false,
    lastApplied: 7,
    rouse: () => {
      roused += 1;
    },
    raft: { role: "leader", term: 3, commitIndex: 7, leadershipProvenUntil: 100 },
  };
  watch = new LeadershipWatch(clock);
  watch.watch(replica as unknown as Replica);
  void watch.reigns().next(); // somebody wants to know
});

it("there is no reign where nobody wants to know, and one at once where somebody does", async () => {
  const other = new LeadershipWatch(clock);
  other.watch(replica as unknown as Replica);
  other.check();
  expect(other.reign).toBeNull();
  const { value } = await other.reigns().next();
  expect(value).toBe(other.reign);
});

it("a group is kept awake while somebody listens, for only heartbeats prove leadership", async () => {
  const listening = watch.reigns();
  await listening.next();
  const before = roused;
  replica.raft.leadershipProvenUntil = 200;
  passTo(100);
  expect(roused).toBe(before + 1);
  replica.raft.role = "follower";
  passTo(200);
  expect(roused).toBe(before + 1);
});

it("a reign ends when its proof runs out, though nothing else happens", () => {
  const { signal, term } = watch.reign!;
  expect(term).toBe(3);
  passTo(60);
  replica.raft.leadershipProvenUntil = 150; // a quorum has answered, and nobody has looked
  passTo(100);
  expect(signal.aborted).toBe(false);
  passTo(150);
  expect(signal.aborted).toBe(true);
  expect(signal.reason).toMatchObject({ code: "LEADERSHIP_LOST" });
  expect(watch.reign).toBeNull();
});

it("a proof that comes again in the same term is another reign with the same fence", () => {
  const first = watch.reign!;
  passTo(100);
  replica.raft.leadershipProvenUntil = 200;
  watch.check();
  expect(watch.reign).toMatchObject({ term: 3 });
  expect(watch.reign).not.toBe(first);
  expect(first.signal.aborted).toBe(true);
});

it("a message that comes after the process stood still finds the reign ended", () => {
  const { signal } = watch.reign!;
  now = 500;
  watch.touch();
  expect(signal.aborted).toBe(true);
});

it("a reign of a later term begins only when all that was committed by then is applied", () => {
  const first = watch.reign!;
  replica.raft = { role: "leader", term: 5, commitIndex: 12, leadershipProvenUntil: 100 };
  watch.check();
  expect(first.signal.aborted).toBe(true);
  expect(watch.reign).toBeNull();
  replica.raft.commitIndex = 20;
  replica.lastApplied = 11;
  watch.check();
  expect(watch.reign).toBeNull();
  replica.lastApplied = 12;
  watch.check();
  expect(watch.reign).toMatchObject({ term: 5 });
});

it("no reign is left when the node ends", () => {
  const { signal } = watch.reign!;
  watch.end();
  expect(signal.aborted).toBe(true);
  watch.check();
  expect(watch.reign).toBeNull();
  expect(timers).toEqual([]);
});
