import { expect, test } from "vitest";
import type { Message } from "@balsa/core";
import { recoveredAfterCrash } from "../replica/support/recovered.js";
import { World } from "../replica/support/world.js";

function voteRequest(from: string, term: number): Message {
  const log = { lastLogIndex: 1, lastLogTerm: 1 };
  return { type: "voteRequest", from, to: "a", term, preVote: false, leadershipTransfer: true, ...log };
}

test("term and vote stored in two steps let a member vote twice after a crash (hashicorp/raft#661)", () => {
  // The power fails after each operation of the disk in turn, from the request for a vote until the vote has left.
  for (let operations = 0; operations < 6; operations++) {
    const world = new World({ open: ["a"] });
    const node = world.node("a");
    world.run(10);
    const before = node.disk.trace.length;
    node.disk.latencyMs = 1;
    node.deliver(voteRequest("b", 5));
    world.until(() => node.disk.trace.length - before >= Math.min(operations, 2));
    if (operations > 2) world.run(operations);
    const state = recoveredAfterCrash(node.disk)?.hardState;
    const isOld = state?.term === 1 && state.vote === null;
    const isNew = state?.term === 5 && state.vote === "b";
    expect(isOld || isNew).toBe(true);
    const given = world.sentBy("a", "voteResponse").filter((m) => m.type === "voteResponse" && m.granted);
    world.restart("a");
    node.deliver(voteRequest("c", 5));
    world.run(10);
    const votes = world.sentBy("a", "voteResponse").filter((m) => m.type === "voteResponse" && m.granted);
    if (given.length > 0) expect(votes.map(({ to }) => to)).toEqual(["b"]);
    else expect(new Set(votes.map(({ to }) => to)).size).toBeLessThanOrEqual(1);
  }
});

test("a follower's slow disk makes it call elections (logcabin#200)", () => {
  const world = new World();
  world.fill(1);
  world.settle();
  const leader = world.leader();
  const { term } = leader.up.raft;
  for (const { disk } of world.followers().slice(0, 1)) disk.hold(() => true);
  for (let i = 0; i < 10; i++) {
    expect(world.verdict(leader.propose("x"))).toBe("ok");
    world.run(500);
  }
  for (const { up } of world.nodes.values()) expect(up.raft.term).toBe(term);
  expect(world.sent.some(({ message }) => message.type === "voteRequest" && message.term > term)).toBe(false);
});
