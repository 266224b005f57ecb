import { describe, expect, test } from "vitest";
import { cluster, type Cluster } from "../support/cluster.js";
import { member } from "../support/member.js";
import { acknowledge, elapseInContact, followerWith, leader } from "../support/scenes.js";

const mixed = [
  [true, true],
  [true, false],
  [false, true],
] as const;

/** Only pairs that are named reach each other. */
function connect(world: Cluster, ...pairs: readonly (readonly [string, string])[]): void {
  world.fate = ({ from, to }) =>
    pairs.some(([x, y]) => (x === from && y === to) || (x === to && y === from)) ? "deliver" : "drop";
}

describe("pre-vote has no dead ends", () => {
  test("a member with a higher term and a shorter log is adopted (etcd#8243, etcd#8501)", () => {
    // c has campaigned in vain without pre-vote, then got it turned on; its log is the shorter one.
    const world = cluster({ ids: ["a", "b", "c"] });
    world.electLeader();
    const apart = world.mustLeader().id === "c" ? "b" : "c";
    world.partition(
      [apart],
      ["a", "b", "c"].filter((id) => id !== apart),
    );
    world.mustLeader().propose("x");
    world.run(500);
    world.member(apart).receive("z", { type: "voteResponse", preVote: false, granted: false, term: 50 });
    world.heal();
    world.run(3_000);
    world.settle();
    expect(world.mustLeader().raft.term).toBeGreaterThan(50);
    expect(world.member(apart).commands).toEqual(["x"]);
  });

  test("two members of three, one ahead in term and one in its log, elect a leader (etcd#8501)", () => {
    const world = cluster();
    const old = world.electLeader();
    const [behind = "", ahead = ""] = ["a", "b", "c"].filter((id) => id !== old.id);
    world.partition([old.id, ahead], [behind]);
    old.propose("x");
    world.run(200);
    world.crash(old.id);
    world.member(behind).receive("z", { type: "voteResponse", preVote: false, granted: false, term: 50 });
    world.heal();
    world.electLeader();
    expect(world.mustLeader().id).toBe(ahead);
  });

  test.each(mixed)(
    "members with pre-vote and without elect each other (first %s, second %s; openraft#1796)",
    (first, second) => {
      const world = cluster({ options: { preVote: first } });
      world.crash("b");
      const mixedIn = (world.down.get("b") as ReturnType<Cluster["member"]>).restarted({
        options: { preVote: second },
      });
      world.down.clear();
      world.members.set("b", mixedIn);
      mixedIn.holdDisk = true;
      world.crash("c");
      world.electLeader();
      for (let i = 0; i < 3; i += 1) {
        const { id } = world.mustLeader();
        world.crash(id);
        world.run(1_000);
        world.restart(id);
        world.electLeader();
      }
    },
  );
});

describe("partial connectivity", () => {
  test("a leader that reaches only the bridge gives way when that is no quorum (openraft#2080)", () => {
    const world = cluster({ ids: ["a", "b", "c", "d", "e"] });
    const old = world.electLeader().id;
    const others = ["a", "b", "c", "d", "e"].filter((id) => id !== old);
    const bridge = others[0] as string;
    const rest = others.slice(1);
    const pairs = rest.flatMap((x) => [[x, bridge] as const, ...rest.map((y) => [x, y] as const)]);
    connect(world, [old, bridge], ...pairs);
    world.runUntil(() => others.some((id) => world.member(id).raft.role === "leader"), 20_000);
    const leading = world.mustLeader();
    leading.propose("x");
    world.runUntil(() => rest.every((id) => world.member(id).commands.includes("x")));
  });

  test("a leader that still reaches a quorum through the bridge is not unseated (openraft#2080)", () => {
    const world = cluster();
    const old = world.electLeader();
    const { term } = old.raft;
    const [bridge = "", far = ""] = ["a", "b", "c"].filter((id) => id !== old.id);
    connect(world, [old.id, bridge], [bridge, far]);
    world.run(5_000);
    expect([world.leader?.id, old.raft.term]).toEqual([old.id, term]);
    old.propose("x");
    world.runUntil(() => world.member(bridge).commands.includes("x"));
  });
});

describe("a lease", () => {
  test("is given up when leadership is handed over (openraft#1747)", () => {
    const a = leader({ options: { leaseReads: true } });
    elapseInContact(a, 100);
    expect(a.raft.status().holdsLease).toBe(true);
    a.transfer("b");
    expect(a.raft.status().holdsLease).toBe(false);
    elapseInContact(a, 400);
    expect([a.raft.status().transferringTo, a.raft.status().holdsLease]).toEqual([null, false]);
  });

  test("is not what check-quorum says: contact with a quorum within a timeout is no promise (etcd-io/raft#99, #166)", () => {
    const a = leader({ options: { leaseReads: true } });
    a.elapse(290);
    a.receive("b", { type: "heartbeatResponse", round: 0, resting: false });
    a.elapse(200);
    expect([a.raft.role, a.raft.status().holdsLease]).toEqual(["leader", false]);
    a.read(1, "lease");
    expect(a.reads).toEqual([]);
  });
});

test("leadership is not handed to a member before its promotion is committed (openraft#1805)", () => {
  const a = leader();
  a.reconfigure({ type: "addLearner", id: "d" });
  acknowledge(a);
  acknowledge(a, ["d"]);
  expect(a.transfer("d")).toMatchObject({ code: "NOT_A_VOTER" });
  a.reconfigure({ type: "promote", id: "d" });
  expect(a.transfer("d")).toMatchObject({ code: "CHANGE_IN_PROGRESS" });
  acknowledge(a, ["b", "c", "d"]);
  expect(a.transfer("d")).toMatchObject({ code: "CHANGE_IN_PROGRESS" });
  acknowledge(a, ["b", "c", "d"]);
  expect(a.transfer("d")).toEqual({ ok: true });
});

describe("membership and leadership", () => {
  test("a removed leader does not leave the group stuck (etcd#11038)", () => {
    const world = cluster();
    const old = world.electLeader();
    old.reconfigure({ type: "remove", id: old.id });
    world.runUntil(() => world.leader !== null && world.leader.id !== old.id, 200);
    world.mustLeader().propose("x");
    world.runUntil(() => world.mustLeader().commands.includes("x"));
  });

  test("a removed member that never heard of it does not disturb the others (hashicorp/raft#524)", () => {
    const world = cluster();
    const leading = world.electLeader();
    const { term } = leading.raft;
    const gone = leading.id === "a" ? "b" : "a";
    leading.reconfigure({ type: "remove", id: gone });
    world.fate = ({ to, type }) => (to === gone && type === "appendRequest" ? "drop" : "deliver");
    world.run(10_000);
    expect(world.member(gone).raft.configuration.voters).toContain(gone);
    expect([world.leader?.id, leading.raft.term]).toEqual([leading.id, term]);
  });

  test("two changes by two leaders can't have majorities that don't meet (Ongaro, raft-dev 2015; hydro#3192)", () => {
    // Before its own term has a commit a leader may not know of a change that its predecessor began.
    const a = followerWith();
    a.wakeAtDeadline();
    a.receive("b", { type: "voteResponse", preVote: true, granted: true, term: 3 });
    a.receive("b", { type: "voteResponse", preVote: false, granted: true });
    expect(a.raft.role).toBe("leader");
    expect(a.reconfigure({ type: "remove", id: "c" })).toMatchObject({ ok: false, code: "TERM_NOT_STARTED" });
  });
});

test("no chance but the given one: the same seed is the same history (openraft#1741)", () => {
  const history = (seed: number): string => {
    const world = cluster({ ids: ["c", "a", "b"], seed });
    world.latencyMs = () => 1 + world.random.below(9);
    world.electLeader().reconfigure({ type: "addLearner", id: "z" });
    world.run(2_000);
    return JSON.stringify([...world.members.values()].map(({ events, persists }) => [events, persists]));
  };
  expect(history(4)).toBe(history(4));
  expect(history(4)).not.toBe(history(5));
});

test("a member alone in the dark never leads (sanity of the scenes above)", () => {
  const a = member();
  a.elapse(5_000);
  expect(a.raft.role).not.toBe("leader");
});
