import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RaftClient } from "@balsa/client";
import { Cluster, freePorts, type CounterNode } from "../support/cluster.js";

let cluster: Cluster;
let leader: CounterNode;
let follower: CounterNode;

beforeEach(async () => {
  cluster = await Cluster.start(["a", "b", "c"]);
  leader = await cluster.leader();
  follower = [...cluster.nodes.values()].find(({ id }) => id !== leader.id)!;
});

afterEach(async () => {
  await cluster.stop();
});

describe("a change of the membership", () => {
  it("puts nobody in the place of one who is no member, and leaves all as it was", async () => {
    const before = leader.status().configuration;
    const change = { type: "replace", replaced: "zz", id: "d", address: "127.0.0.1:1" } as const;
    await expect(leader.reconfigure(change)).rejects.toMatchObject({
      code: "INVALID_CHANGE",
      message: expect.stringContaining("zz is no member") as string,
    });
    expect(leader.status().configuration).toEqual(before);
    expect(leader.status().addresses).not.toHaveProperty("d");
  });

  it("says that a member that does not catch up in time is a learner by now", async () => {
    const [port] = await freePorts(1);
    const change = { type: "replace", replaced: follower.id, id: "d", address: `127.0.0.1:${String(port)}` } as const;
    await expect(leader.reconfigure(change, { timeoutMs: 300 })).rejects.toMatchObject({
      code: "NOT_CAUGHT_UP",
      message: expect.stringContaining("d was added as a learner") as string,
    });
    expect(leader.status().configuration).toMatchObject({ voters: ["a", "b", "c"], learners: ["d"] });
  });

  it("is done again without harm, and says that nothing was to be done", async () => {
    expect(await leader.reconfigure({ type: "remove", id: follower.id })).toMatchObject({ already: false });
    expect(await leader.reconfigure({ type: "remove", id: follower.id })).toMatchObject({ already: true });
    expect(await leader.reconfigure({ type: "remove", id: "zz" })).toMatchObject({ already: true });
  });

  it("takes a member that has left out of what an operator is told of addresses", async () => {
    await leader.reconfigure({ type: "remove", id: follower.id });
    await using client = RaftClient.connect({ servers: [cluster.addresses[leader.id]!] });
    const told = (await client.administer({ op: "members" })) as { addresses: Record<string, string> };
    expect(Object.keys(told.addresses)).toEqual(leader.status().configuration.voters);
  });
});

describe("leadership is handed over", () => {
  it("by the leader alone, and a follower that is asked says who that is", async () => {
    await expect(follower.transferLeadership()).rejects.toMatchObject({ code: "NOT_LEADER", leaderHint: leader.id });
  });

  it("not at all to the leader itself, which leads already", async () => {
    const { term } = leader.status();
    expect(await leader.transferLeadership(leader.id)).toEqual({ leader: leader.id, already: true });
    expect(leader.status()).toMatchObject({ role: "leader", term });
  });
});
