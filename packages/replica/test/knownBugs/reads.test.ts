import { expect, test } from "vitest";
import type { TestNode } from "../replica/support/testNode.js";
import { World } from "../replica/support/world.js";

test("verify the leader, then read: what changes between the two is missed (hashicorp/raft#603)", () => {
  const world = new World();
  const old = world.leader();
  world.fill(1);
  world.settle();
  // Its followers still confirm that it leads, but the answers come only when another one leads already.
  const late: (() => void)[] = [];
  world.fate = (message) => {
    if (message.to !== old.id && message.from !== old.id) return "deliver";
    if (message.type === "heartbeatResponse") late.push(() => old.deliver(message));
    return message.type === "heartbeatRequest" ? "deliver" : "drop";
  };
  const asked = old.read();
  world.run(5);
  world.fate = ({ from, to }) => (from === old.id || to === old.id ? "drop" : "deliver");
  world.until(() => world.leader() !== old);
  world.fill(1, "y");
  for (const deliver of late) deliver();
  world.run(5);
  // The read began before "y0" was proposed, so "x0" is right, and "y0" would be; nothing else is.
  expect(asked.verdict === "NO_LEADER" || asked.value === "x0").toBe(true);
  const next = old.read();
  world.run(1_000);
  expect(next.verdict).toBe("NO_LEADER");
});

test("a read is silently dropped: each one ends, whatever becomes of the messages (etcd#12762)", () => {
  const world = new World({ seed: 3 });
  const leader = world.leader();
  world.settle();
  let n = 0;
  world.fate = ({ type }) => (/read|heartbeat/.test(type) && n++ % 2 === 0 ? "drop" : "deliver");
  const asked = [...world.nodes.values()].flatMap((node) => Array.from({ length: 5 }, () => node.read()));
  world.crash((world.followers()[0] as TestNode).id);
  for (const one of asked.slice(0, 5)) world.run(one.isAnswered ? 0 : 100);
  world.run(6_000);
  const crashed = [...world.nodes.values()].filter(({ isUp }) => !isUp).length;
  expect([crashed, asked.filter(({ isAnswered }) => !isAnswered).length]).toEqual([1, 5]);
  expect(leader.up.status().waitingReads).toBe(0);
});

test("a read context used again after a restart lets an old answer match a new question (etcd#20418, etcd#21399)", () => {
  const world = new World();
  world.fill(1);
  world.settle();
  const follower = world.followers()[0] as TestNode;
  const stale: (() => void)[] = [];
  world.fate = (message) => {
    if (message.type !== "readIndexResponse") return "deliver";
    stale.push(() => follower.deliver(message));
    return "drop";
  };
  follower.read();
  world.until(() => stale.length > 0);
  world.restart(follower.id);
  world.fill(1, "y");
  world.until(() => follower.up.raft.leader !== null);
  const asked = follower.read();
  for (const deliver of stale.slice(0, 1)) deliver();
  world.run(1);
  expect(asked.verdict).toBeNull();
  world.heal();
  // An answer of its own may still come; the one from before the restart must not have counted.
  expect(world.answer(asked)).toBe("x0,y0");
});
