import { ENTRY_OVERHEAD_BYTES } from "@balsa/core";
import { describe, expect, test } from "vitest";
import { cluster } from "./support/cluster.js";
import type { Member } from "./support/member.js";
import {
  acknowledge,
  answerHeartbeats,
  append,
  commands,
  elect,
  followerWith,
  freshLeader,
  leader,
  to,
} from "./support/scenes.js";

function peer(of: Member, id: string) {
  const found = of.raft.status().peers.find((each) => each.id === id);
  if (found === undefined) throw new Error(`${id} is not a peer`);
  return found;
}

function reject(rejectedIndex: number, hintIndex: number, hintTerm: number) {
  return { type: "appendRejected", rejectedIndex, hintIndex, hintTerm } as const;
}

describe("a leader that does not know where a follower's log agrees", () => {
  test("probes with one append at a time", () => {
    const a = freshLeader();
    a.take();
    a.propose("x");
    a.propose("y");
    expect(peer(a, "b").state).toBe("probe");
    expect(a.takeOf("appendRequest")).toEqual([]);
  });

  test("probes again after each answered heartbeat, in case the append was lost", () => {
    const a = freshLeader();
    a.elapse(100);
    a.take();
    answerHeartbeats(a, ["b"]);
    expect(a.takeOf("appendRequest")).toMatchObject([{ to: "b", previousLogIndex: 1, entries: [{ index: 2 }] }]);
  });

  test("goes back to where the follower's hint and its own log may agree", () => {
    const a = elect(followerWith(commands(2, 2, 2, 4, 4)));
    a.take();
    a.receive("b", reject(5, 3, 2));
    expect(a.takeOf("appendRequest")).toMatchObject([{ to: "b", previousLogIndex: 3, previousLogTerm: 2 }]);
  });

  test("skips the whole terms of its own that the follower can't have", () => {
    const a = elect(followerWith(commands(2, 2, 4, 4, 4)));
    a.take();
    a.receive("b", reject(5, 4, 3));
    expect(a.takeOf("appendRequest")).toMatchObject([{ previousLogIndex: 2, previousLogTerm: 2 }]);
  });

  test("ignores an answer to an earlier probe", () => {
    const a = elect(followerWith(commands(2, 2, 2, 2, 2)));
    a.receive("b", reject(5, 2, 2));
    a.take();
    a.receive("b", reject(5, 1, 1));
    a.receive("b", reject(4, 1, 1));
    expect(a.takeOf("appendRequest")).toEqual([]);
    expect(peer(a, "b").nextIndex).toBe(3);
  });

  test("begins to pipeline with the first match", () => {
    const a = freshLeader();
    a.propose("x");
    a.take();
    acknowledge(a, ["b"], 2);
    expect(peer(a, "b")).toMatchObject({ state: "replicate", matchIndex: 2, nextIndex: 4, inflightAppends: 1 });
    expect(a.takeOf("appendRequest")).toMatchObject([{ previousLogIndex: 2, entries: [{ index: 3 }] }]);
  });
});

describe("a leader that pipelines", () => {
  test("sends new entries without waiting for answers", () => {
    const a = leader();
    a.propose("x");
    a.propose("y");
    const sent = a.takeOf("appendRequest").filter((message) => message.to === "b");
    expect(sent.map(({ previousLogIndex, entries }) => [previousLogIndex, entries.length])).toEqual([
      [2, 1],
      [3, 1],
    ]);
  });

  test("sends while its own disk still writes", () => {
    const a = leader();
    a.holdDisk = true;
    a.propose("x");
    expect(a.takeOf("appendRequest")).toHaveLength(2);
  });

  test("cuts appends by entries and by bytes, but never below one entry", () => {
    const a = leader({ options: { maxAppendEntries: 3, maxAppendBytes: 2 * (ENTRY_OVERHEAD_BYTES + 10) } });
    a.propose("1", "2", "3", "4", "0123456789", "0123456789", "0123456789", "x".repeat(500), "5");
    const sizes = to("b", a.take()).map((message) => (message.type === "appendRequest" ? message.entries.length : -1));
    expect(sizes).toEqual([2, 2, 2, 1, 1, 1]);
    const b = leader({ options: { maxAppendEntries: 3 } });
    b.propose("1", "2", "3", "4");
    expect(
      to("b", b.take()).map((message) => (message.type === "appendRequest" ? message.entries.length : -1)),
    ).toEqual([3, 1]);
  });

  test("has no more appends under way than it may", () => {
    const a = leader({ options: { maxInflightAppends: 2, maxAppendEntries: 1 } });
    a.propose("1", "2", "3", "4");
    expect(to("b", a.take())).toHaveLength(2);
    acknowledge(a, ["b"], 3);
    expect(to("b", a.takeOf("appendRequest"))).toMatchObject([{ previousLogIndex: 4 }]);
    expect(peer(a, "b").inflightAppends).toBe(2);
  });

  test("nor more bytes", () => {
    const a = leader({ options: { maxInflightBytes: 2 * ENTRY_OVERHEAD_BYTES, maxAppendEntries: 1 } });
    a.propose("1", "2", "3", "4");
    const sent = to("b", a.take()).length;
    expect(sent).toBeGreaterThanOrEqual(1);
    expect(sent).toBeLessThanOrEqual(2);
    acknowledge(a, ["b"]);
    acknowledge(a, ["b"]);
    expect(peer(a, "b")).toMatchObject({ inflightAppends: 0, inflightBytes: 0, lagEntries: 0 });
  });

  test("goes back to probing where the follower misses something", () => {
    const a = leader();
    a.propose("1");
    a.propose("2");
    a.take();
    a.receive("b", reject(3, 2, 2));
    expect(peer(a, "b")).toMatchObject({ state: "probe", nextIndex: 3, inflightAppends: 0 });
    expect(a.takeOf("appendRequest")).toMatchObject([{ previousLogIndex: 2, entries: [{ index: 3 }, { index: 4 }] }]);
  });

  test("notices a lost append after a heartbeat that is answered", () => {
    const a = leader();
    a.propose("lost");
    a.elapse(100);
    a.take();
    answerHeartbeats(a, ["b"]);
    const [probe] = a.takeOf("appendRequest");
    expect(probe).toMatchObject({ to: "b", previousLogIndex: 3, entries: [] });
    a.receive("b", reject(3, 2, 2));
    expect(a.takeOf("appendRequest")).toMatchObject([{ previousLogIndex: 2, entries: [{ index: 3 }] }]);
  });

  test("does not ask a follower whose answer is merely on its way", () => {
    const a = leader();
    a.elapse(100);
    a.propose("new");
    a.take();
    answerHeartbeats(a, ["b"]);
    expect(a.takeOf("appendRequest")).toEqual([]);
  });

  test("tells an idle follower the commit index without waiting for the next heartbeat", () => {
    const a = freshLeader();
    a.take();
    acknowledge(a, ["b"]);
    expect(a.takeOf("heartbeatRequest")).toEqual([
      { type: "heartbeatRequest", from: "a", to: "b", term: 2, commitIndex: 2, round: 0, mayRest: false },
    ]);
  });

  test("never tells a follower to commit beyond what it is known to hold", () => {
    const a = leader();
    a.propose("x");
    acknowledge(a, ["b"]);
    a.elapse(0);
    a.take();
    a.elapse(100);
    expect(a.takeOf("heartbeatRequest").map(({ to: id, commitIndex }) => [id, commitIndex])).toEqual([
      ["b", 3],
      ["c", 2],
    ]);
  });

  test("is not led astray by answers that come late, twice or out of order", () => {
    const a = leader();
    a.propose("1");
    a.propose("2");
    acknowledge(a, ["b"], 4);
    acknowledge(a, ["b"], 3);
    acknowledge(a, ["b"], 4);
    acknowledge(a, ["b"], 2);
    expect(peer(a, "b")).toMatchObject({ state: "replicate", matchIndex: 4, nextIndex: 5, inflightAppends: 0 });
  });

  test("takes nothing from those it does not feed", () => {
    const a = leader();
    a.propose("x");
    a.receive("z", { type: "appendAccepted", matchIndex: 3 });
    a.receive("z", reject(3, 2, 2));
    a.receive("z", { type: "heartbeatResponse", round: 0, resting: false });
    expect(a.raft.commitIndex).toBe(2);
  });
});

describe("a follower (§5.3)", () => {
  test("takes entries behind a match and says up to where it holds them", () => {
    const a = followerWith(commands(2, 2, 2));
    a.receive("b", append({ previousLogIndex: 3, previousLogTerm: 2, entries: commands(4, 2), commitIndex: 3 }));
    expect(a.takeOf("appendAccepted")).toEqual([
      { type: "appendAccepted", from: "a", to: "b", term: 2, matchIndex: 4 },
    ]);
    expect(a.commands).toEqual(["2@2", "3@2"]);
  });

  test("acknowledges only when the entries are durable", () => {
    const a = followerWith();
    a.holdDisk = true;
    a.receive("b", append({ entries: commands(2, 2), commitIndex: 2 }));
    expect(a.take()).toEqual([]);
    a.sync();
    expect(a.takeOf("appendAccepted")).toMatchObject([{ matchIndex: 2 }]);
  });

  test("commits no further than the last entry of the message", () => {
    const a = followerWith(commands(2, 2, 2, 2));
    a.receive("b", append({ entries: commands(2, 2), commitIndex: 9 }));
    expect(a.raft.commitIndex).toBe(2);
    a.receive("b", append({ previousLogIndex: 3, previousLogTerm: 2, commitIndex: 9 }));
    expect(a.raft.commitIndex).toBe(3);
  });

  test("refuses what follows an entry that it lacks, and names its last one", () => {
    const a = followerWith(commands(2, 2, 2));
    a.receive("b", append({ previousLogIndex: 9, previousLogTerm: 2, entries: commands(10, 2) }));
    expect(a.takeOf("appendRejected")).toMatchObject([{ rejectedIndex: 9, hintIndex: 3, hintTerm: 2 }]);
    expect(a.raft.lastLogIndex).toBe(3);
  });

  test("skips its own later terms in the hint", () => {
    const a = followerWith(commands(2, 2, 4, 4, 4));
    a.receive("b", { ...append({ previousLogIndex: 5, previousLogTerm: 3, entries: commands(6, 5) }), term: 5 });
    expect(a.takeOf("appendRejected")).toMatchObject([{ rejectedIndex: 5, hintIndex: 2, hintTerm: 2 }]);
  });

  test("cuts off what conflicts, and nothing before it", () => {
    const a = followerWith(commands(2, 2, 3, 3));
    a.receive("c", { ...append({ entries: commands(2, 2, 5) }), term: 5 });
    expect(a.raft.lastLogIndex).toBe(3);
    expect([2, 3].map((index) => a.raft.termAt(index))).toEqual([2, 5]);
    expect(a.eventsOf("logTruncated")).toEqual([{ type: "logTruncated", fromIndex: 3 }]);
    expect(a.persists.at(-1)).toMatchObject({ truncateFrom: 3, entries: [{ index: 3, term: 5 }] });
    expect(a.durable.entries.map(({ term }) => term)).toEqual([1, 2, 5]);
  });

  test("keeps what lies behind a shorter append that comes late", () => {
    const a = followerWith(commands(2, 2, 2, 2));
    a.receive("b", append({ entries: commands(2, 2) }));
    a.receive("b", append());
    expect(a.raft.lastLogIndex).toBe(4);
    expect(a.takeOf("appendAccepted").map(({ matchIndex }) => matchIndex)).toEqual([2, 1]);
    expect(a.eventsOf("logTruncated")).toEqual([]);
  });

  test("takes appends in any order, each as often as it comes, to the same end", () => {
    const appends = [2, 3, 4, 5].map((index) =>
      append({
        previousLogIndex: index - 1,
        previousLogTerm: index === 2 ? 1 : 2,
        entries: commands(index, 2),
        commitIndex: index,
      }),
    );
    const [first, second, third, fourth] = appends as [
      (typeof appends)[0],
      (typeof appends)[0],
      (typeof appends)[0],
      (typeof appends)[0],
    ];
    const a = followerWith();
    for (const each of [third, first, fourth, first, second, third, second, fourth, third]) a.receive("b", each);
    expect(a.raft.lastLogIndex).toBe(5);
    expect(a.commands).toEqual(["2@2", "3@2", "4@2", "5@2"]);
  });

  test("writes every entry once", () => {
    const a = followerWith();
    a.receive("b", append({ entries: commands(2, 2, 2) }));
    a.receive("b", append({ entries: commands(2, 2, 2, 2) }));
    const written = a.persists.flatMap(({ entries }) => entries.map(({ index }) => index));
    expect(written).toEqual([1, 2, 3, 4]);
  });

  test("refuses to lose what it knows to be committed, and stays as it was", () => {
    const a = followerWith(commands(2, 2, 2));
    a.receive("b", append({ previousLogIndex: 3, previousLogTerm: 2, commitIndex: 3 }));
    const before = { ...a.raft.save(), pending: null };
    expect(a.receive("c", { ...append({ entries: commands(2, 5) }), term: 5 })).toContain("committed");
    expect(a.receive("c", { ...append({ previousLogIndex: 3, previousLogTerm: 4, entries: [] }), term: 5 })).toContain(
      "committed",
    );
    expect({ ...a.raft.save(), pending: null }).toEqual(before);
    expect(a.eventsOf("messageRefused")).toHaveLength(2);
  });

  test("needs no comparison behind its base: that is committed", () => {
    const a = followerWith(commands(2, 2, 2, 2), { options: { logTailEntries: 0 } });
    a.receive("b", append({ previousLogIndex: 4, previousLogTerm: 2, commitIndex: 4 }));
    a.takeSnapshot();
    a.take();
    expect(a.raft.baseIndex).toBe(4);
    a.receive("b", append({ entries: commands(2, 2) }));
    expect(a.takeOf("appendAccepted")).toMatchObject([{ matchIndex: 4 }]);
    a.receive("b", append({ entries: commands(2, 2, 2, 2, 2) }));
    expect(a.takeOf("appendAccepted")).toMatchObject([{ matchIndex: 5 }]);
    expect(a.receive("b", append({ entries: commands(2, 1, 1, 1, 1) }))).toContain("committed");
  });
});

describe("logs that went apart", () => {
  // The seven logs of the paper's figure 7, with the first configuration as entry 1 and terms moved up by one.
  const figure7 = [
    [2, 2, 2, 5, 5, 6, 6, 7, 7],
    [2, 2, 2, 5],
    [2, 2, 2, 5, 5, 6, 6, 7, 7, 7, 7],
    [2, 2, 2, 5, 5, 6, 6, 7, 7, 7, 8, 8],
    [2, 2, 2, 5, 5, 5, 5],
    [2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4],
  ];

  test.each(figure7.map((terms) => ({ terms })))("come together in few exchanges: $terms", ({ terms }) => {
    const a = elect(followerWith(commands(2, 2, 2, 2, 5, 5, 6, 6, 7, 7, 7)));
    const b = followerWith(commands(2, ...terms), { id: "b" });
    b.elapse(301);
    let appends = 0;
    for (let exchanges = 0; exchanges < 20; exchanges += 1) {
      const request = a.takeOf("appendRequest").find((message) => message.to === "b");
      if (request !== undefined) {
        appends += 1;
        b.deliver(request);
      } else {
        a.elapse(100);
        a.receive("b", { type: "heartbeatResponse", round: a.raft.save().leadership?.round ?? 0, resting: false });
      }
      for (const answer of b.take()) if (answer.to === "a") a.deliver(answer);
      if (peer(a, "b").lagEntries === 0) break;
    }
    const ofA = a.raft.save().log.entries;
    expect(b.raft.save().log.entries).toEqual(ofA);
    expect(appends).toBeLessThanOrEqual(4);
  });

  test("heal through loss, repetition and reordering", () => {
    const world = cluster({ seed: 5 });
    world.latencyMs = () => 1 + world.random.below(30);
    world.fate = () => (world.random.chance(0.2) ? "drop" : world.random.chance(0.2) ? "duplicate" : "deliver");
    let proposed = 0;
    world.runUntil(() => {
      const leading = world.leader;
      if (leading !== null && proposed < 100 && leading.propose(`${proposed}`).ok) proposed += 1;
      return proposed === 100;
    }, 60_000);
    world.heal();
    world.settle();
    const [first, ...others] = [...world.members.values()].map((each) => each.commands);
    for (const other of others) expect(other).toEqual(first);
  });
});

describe("a follower that lost what it had acknowledged", () => {
  test("is noticed, reported and fed anew", () => {
    const a = leader();
    a.propose("x");
    acknowledge(a);
    a.propose("y");
    a.take();
    a.receive("b", reject(3, 1, 1));
    expect(a.takeOf("appendRequest")).toMatchObject([{ previousLogIndex: 3 }]);
    expect(a.eventsOf("followerLostEntries")).toEqual([]);
    a.receive("b", reject(3, 1, 1));
    expect(a.eventsOf("followerLostEntries")).toEqual([
      { type: "followerLostEntries", id: "b", matchIndex: 3, lastIndex: 1 },
    ]);
    expect(a.takeOf("appendRequest")).toMatchObject([{ previousLogIndex: 1 }]);
    expect(a.raft.commitIndex).toBe(3);
  });

  test("says so itself when a heartbeat speaks of more than it has", () => {
    const a = followerWith();
    a.receive("b", { type: "heartbeatRequest", commitIndex: 7, round: 3, mayRest: false });
    expect(a.take()).toMatchObject([
      { type: "appendRejected", rejectedIndex: 7, hintIndex: 1 },
      { type: "heartbeatResponse", round: 3, resting: false },
    ]);
    expect(a.raft.commitIndex).toBe(0);
  });
});

test("a follower hears what is committed once, when all that is on its way to it is answered, and not for each append", () => {
  const a = leader();
  for (const command of ["1", "2", "3"]) a.propose(command);
  acknowledge(a, ["c"]);
  a.take();
  const news = (): number[] =>
    to("b", a.take()).flatMap((message) => (message.type === "heartbeatRequest" ? [message.commitIndex] : []));
  acknowledge(a, ["b"], 3);
  acknowledge(a, ["b"], 4);
  expect([a.raft.commitIndex, news()]).toEqual([5, []]);
  acknowledge(a, ["b"], 5);
  expect(news()).toEqual([5]);
});
