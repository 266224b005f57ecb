import { afterEach, describe, expect, expectTypeOf, it } from "vitest";
import { RefusedError, type Reign } from "../../src/index.js";
import { Cluster, freePorts, until } from "../support/cluster.js";
import type { Counter } from "../support/counter.js";
import { type Add } from "../support/counter.js";

let cluster: Cluster;

afterEach(async () => {
  await cluster.stop();
});

describe("three nodes", () => {
  it("take commands and reads on each of them, whoever leads", async () => {
    cluster = await Cluster.start(["a", "b", "c"]);
    let total = 0;
    for (const id of ["a", "b", "c"]) {
      const node = cluster.node(id);
      expect(await node.propose({ add: 3 })).toBe((total += 3));
      expect(await node.read((counter) => counter.value)).toBe(total);
    }
  });

  it("apply each of a thousand commands once, when all are proposed together everywhere", async () => {
    cluster = await Cluster.start(["a", "b", "c"]);
    const proposals = [...cluster.nodes.values()].flatMap((node) =>
      Array.from({ length: 333 }, () => node.propose({ add: 1 })),
    );
    const totals = await Promise.all(proposals);
    expect(new Set(totals).size).toBe(999);
    expect(Math.max(...totals)).toBe(999);
  });

  it("go on when the leader is closed, and keep what was acknowledged", async () => {
    cluster = await Cluster.start(["a", "b", "c"]);
    await cluster.node("a").propose({ add: 5 });
    const leader = await cluster.leader();
    await cluster.close(leader.id);
    expect(await cluster.anyNode().propose({ add: 1 })).toBe(6);
  });

  it("take up what they had when all of them are started again", async () => {
    cluster = await Cluster.start(["a", "b", "c"]);
    for (let i = 0; i < 20; i++) await cluster.node("b").propose({ add: 1 });
    for (const id of ["a", "b", "c"]) await cluster.close(id);
    await Promise.all(["a", "b", "c"].map((id) => cluster.open(id)));
    expect(await cluster.node("c").read(({ value }) => value)).toBe(20);
  });

  it("refuse with a hint on a follower when the caller wants no forwarding", async () => {
    cluster = await Cluster.start(["a", "b", "c"]);
    const leader = await cluster.leader();
    const follower = [...cluster.nodes.values()].find(({ id }) => id !== leader.id)!;
    const refused = await follower.propose({ add: 1 }, { forward: false }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RefusedError);
    expect(refused).toMatchObject({ code: "NOT_LEADER", leaderHint: leader.id });
    expect(await leader.read(({ value }) => value)).toBe(0);
  });

  it("hand leadership over when asked", async () => {
    cluster = await Cluster.start(["a", "b", "c"]);
    const before = await cluster.leader();
    const { leader } = await before.transferLeadership();
    expect(leader).not.toBe(before.id);
    await until(() => cluster.node(leader).status().role === "leader");
  });
});

describe("leadership", () => {
  it("is given to one node, with its term as fence, and aborted when it is handed over", async () => {
    cluster = await Cluster.start(["a", "b", "c"]);
    const leader = await cluster.leader();
    const reign = await firstReign(leader.leadership());
    expect(reign.term).toBe(leader.status().term);
    expect(reign.signal.aborted).toBe(false);
    const { leader: next } = await leader.transferLeadership();
    await until(() => reign.signal.aborted);
    const nextReign = await firstReign(cluster.node(next).leadership());
    expect(nextReign.term).toBeGreaterThan(reign.term);
  });

  it("is aborted when the leader can't prove it any more, before another node leads", async () => {
    cluster = await Cluster.start(["a", "b", "c"]);
    const leader = await cluster.leader();
    const reign = await firstReign(leader.leadership());
    const others = [...cluster.nodes.values()].filter((node) => node !== leader);
    let abortedFirst: boolean | null = null;
    for (const node of others) {
      void (async () => {
        for await (const _ of node.leadership()) abortedFirst ??= reign.signal.aborted;
      })();
    }
    for (const node of others) await node.close();
    await until(() => reign.signal.aborted);
    expect(abortedFirst).not.toBe(false);
  });

  it("ends its iteration when the node is closed", async () => {
    cluster = await Cluster.start(["a"]);
    const terms: number[] = [];
    const iteration = (async () => {
      for await (const reign of cluster.node("a").leadership()) terms.push(reign.term);
    })();
    await until(() => terms.length === 1);
    await cluster.close("a");
    await iteration;
    expect(terms).toHaveLength(1);
  });
});

describe("membership", () => {
  it("adds a node that joins, replaces one by another, and removes one, while commands go on", async () => {
    cluster = await Cluster.start(["a", "b", "c"]);
    const [d, e] = await freePorts(2);
    cluster.addresses["d"] = `127.0.0.1:${String(d)}`;
    const leader = await cluster.leader();
    const joiner = await cluster.open("d", { join: true });
    await leader.reconfigure({ type: "add", id: "d", address: cluster.addresses["d"] });
    expect(leader.status().configuration.voters).toEqual(["a", "b", "c", "d"]);
    expect(await joiner.propose({ add: 2 })).toBe(2);

    const victim = [...cluster.nodes.keys()].find((id) => id !== leader.id && id !== "d")!;
    cluster.addresses["e"] = `127.0.0.1:${String(e)}`;
    await cluster.open("e", { join: true });
    await leader.reconfigure({ type: "replace", replaced: victim, id: "e", address: cluster.addresses["e"] });
    expect(leader.status().configuration.voters).toContain("e");
    expect(leader.status().configuration.voters).not.toContain(victim);
    await cluster.close(victim);
    await leader.reconfigure({ type: "remove", id: "d" });
    expect(await cluster.node("e").propose({ add: 1 })).toBe(3);
  });
});

describe("types", () => {
  it("follow from the state machine", async () => {
    cluster = await Cluster.start(["a"]);
    const node = cluster.node("a");
    expectTypeOf(node.propose).parameter(0).toEqualTypeOf<Add>();
    const total = await node.propose({ add: 1 });
    expectTypeOf(total).toEqualTypeOf<number>();
    const machine = await node.read((counter) => counter);
    expectTypeOf(machine).toEqualTypeOf<Counter>();
    expect(machine.value).toBe(total);
  });
});

async function firstReign(reigns: AsyncIterable<Reign>): Promise<Reign> {
  for await (const reign of reigns) return reign;
  throw new Error("there was no reign");
}
