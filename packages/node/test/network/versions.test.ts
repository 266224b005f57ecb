import { afterEach, describe, expect, it } from "vitest";
import { RaftNode } from "../../src/index.js";
import { Cluster, until } from "../support/cluster.js";
import { Counter } from "../support/counter.js";

describe("members that speak different versions of the protocol", () => {
  let cluster: Cluster | null = null;
  afterEach(async () => {
    await cluster?.stop();
    cluster = null;
  });

  it("are one cluster, whoever leads, and may be replaced by others", async () => {
    const all = await Cluster.start(["a", "b", "c"], { protocolVersion: 1, raft: { restAfterMs: 400 } });
    cluster = all;
    let total = 0;
    for (const id of ["a", "b", "c"]) {
      await all.close(id);
      await all.open(id, { protocolVersion: 2 });
      const versions = [...all.nodes.values()].map((node) => node.status().protocolVersion);
      expect(new Set(versions)).toEqual(new Set(id === "c" ? [2] : [1, 2]));
      for (const node of all.nodes.values()) expect(await node.propose({ add: 1 })).toBe(++total);
    }
    await until(() => [...all.nodes.values()].every((node) => node.status().isResting));
  });

  it("are refused a version that there is not", async () => {
    const options = { id: "a", dataDirectory: "never-made", listen: "127.0.0.1:0", members: { a: "127.0.0.1:1" } };
    for (const protocolVersion of [0, 3, 1.5, "1" as unknown as number]) {
      await expect(RaftNode.open({ ...options, protocolVersion, stateMachine: new Counter() })).rejects.toMatchObject({
        code: "INVALID_OPTION",
      });
    }
  });
});
