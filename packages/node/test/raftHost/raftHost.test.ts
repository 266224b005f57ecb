import { readdirSync } from "node:fs";
import { join } from "node:path";
import { RaftClient } from "@balsa/client";
import { afterEach, describe, expect, it } from "vitest";
import { RaftHost, REAL_FILE_SYSTEM, type FileSystem, type RaftHostOptions } from "../../src/index.js";
import { until } from "../support/cluster.js";
import { Counter } from "../support/counter.js";
import { Hosts } from "../support/hosts.js";

const IDS = ["a", "b", "c"];
const GROUPS = Array.from({ length: 12 }, (_, i) => i + 1);

describe("a host of many groups", () => {
  let hosts: Hosts | null = null;
  const start = async (groups = GROUPS, settings: Partial<RaftHostOptions> = {}): Promise<Hosts> => {
    hosts = await Hosts.start(IDS, groups, settings);
    return hosts;
  };
  afterEach(async () => {
    await hosts?.stop();
    hosts = null;
  });

  it("keeps each group's state apart, whichever member is asked, and over a restart of all", async () => {
    const all = await start();
    for (const id of IDS) await Promise.all(GROUPS.map((group) => all.node(id, group).propose({ add: group })));
    for (const group of GROUPS) {
      const values = await Promise.all(all.nodes(group).map((node) => node.read(({ value }) => value)));
      expect(values).toEqual([3 * group, 3 * group, 3 * group]);
    }
    await Promise.all(IDS.map((id) => all.close(id)));
    await Promise.all(IDS.map((id) => all.open(id, GROUPS)));
    for (const group of GROUPS) expect(await all.node("b", group).read(({ value }) => value)).toBe(3 * group);
  });

  it("has one log on disk for all of them, and one connection to each other host", async () => {
    const all = await start();
    await Promise.all(GROUPS.map((group) => all.node("a", group).propose({ add: 1 })));
    const files = readdirSync(join(all.folder, "a")).filter((name) => name.endsWith(".segment"));
    expect(files.length).toBeLessThanOrEqual(2);
    const peers = all
      .host("a")
      .status()
      .peers.map(({ id, connected }): [string, boolean] => [id, connected]);
    expect(new Map(peers)).toEqual(
      new Map([
        ["b", true],
        ["c", true],
      ]),
    );
  });

  it("spreads the leaders evenly, and again after a host was away", async () => {
    const all = await start();
    const led = (): number[] => [...all.hosts.values()].map((host) => host.status().led);
    await until(() => led().join() === "4,4,4");
    await all.close("b");
    await until(() => led().reduce((sum, one) => sum + one, 0) === GROUPS.length);
    await Promise.all(GROUPS.map((group) => all.node("a", group).propose({ add: 1 })));
    await all.open("b", GROUPS);
    await until(() => led().join() === "4,4,4");
    for (const group of GROUPS) expect(await all.node("b", group).read(({ value }) => value)).toBe(1);
  });

  it("lets quiet groups rest, and has them there at once when they are asked for something", async () => {
    const all = await start(GROUPS, { raft: { restAfterMs: 400 } });
    const resting = (): number[] => [...all.hosts.values()].map((host) => host.status().resting);
    await until(() => resting().join() === "12,12,12");
    expect(await all.node("c", 5).propose({ add: 7 })).toBe(7);
    expect(await all.node("a", 6).read(({ value }) => value)).toBe(0);
    await until(() => resting().join() === "12,12,12");
  });

  it("notices that a host is gone though all its groups rest", async () => {
    const all = await start(GROUPS, { raft: { restAfterMs: 400 } });
    await until(() => [...all.hosts.values()].every((host) => host.status().resting === GROUPS.length));
    await all.close("c");
    await until(() => ["a", "b"].every((id) => GROUPS.every((group) => all.node(id, group).status().leader !== "c")));
    expect(await Promise.all(GROUPS.map((group) => all.node("a", group).propose({ add: 2 })))).toEqual(
      GROUPS.map(() => 2),
    );
  });

  it("keeps a group awake in which somebody wants to lead", async () => {
    const all = await start([1, 2], { raft: { restAfterMs: 400 } });
    const ended = new AbortController();
    const reigns: number[] = [];
    const leading = Promise.all(
      all.nodes(1).map(async (node) => {
        for await (const { term, signal } of node.leadership({ signal: ended.signal })) {
          reigns.push(term);
          signal.addEventListener("abort", () => reigns.push(-term));
        }
      }),
    );
    await until(() => [...all.hosts.values()].every((host) => host.status().resting === 1));
    await until(() => reigns.length > 0 && all.nodes(2).every((node) => node.status().isResting));
    expect(all.nodes(1).some((node) => node.status().isResting)).toBe(false);
    ended.abort();
    await leading;
    await until(() => all.nodes(1).every((node) => node.status().isResting));
  });

  it("serves clients of each group at the one port, and tells others that there is no such group", async () => {
    const all = await start([1, 2]);
    const clients = [1, 2, 3].map((group) =>
      RaftClient.connect({ servers: Object.values(all.addresses), group, requestTimeoutMs: group === 3 ? 300 : 5_000 }),
    );
    const add = (value: number): Uint8Array => new TextEncoder().encode(JSON.stringify({ add: value }));
    const answers = await Promise.all(
      clients
        .slice(0, 2)
        .map(async (client, i) => new TextDecoder().decode((await client.propose(add(10 + i))).subarray(1))),
    );
    expect(answers).toEqual(["10", "11"]);
    await expect(clients[2]!.propose(add(1))).rejects.toThrow(/no group 3 here/);
    await Promise.all(clients.map((client) => client.close()));
  });

  it("goes on with the others when one group is closed, and opens that one only in the next process", async () => {
    const all = await start([1, 2]);
    await all.node("a", 1).close();
    expect(await all.node("b", 1).propose({ add: 1 })).toBe(1);
    expect(await all.node("a", 2).propose({ add: 1 })).toBe(1);
    await expect(all.openGroup("a", 1)).rejects.toMatchObject({ code: "GROUP_WAS_OPEN" });
    await all.close("a");
    await all.open("a", [1, 2]);
    expect(await all.node("a", 1).read(({ value }) => value)).toBe(1);
  });

  it("takes up another group while it runs, on some of the hosts", async () => {
    const all = await start([1]);
    await Promise.all(["a", "b"].map((id) => all.openGroup(id, 99, { members: ["a", "b"] })));
    expect(await all.node("a", 99).propose({ add: 5 })).toBe(5);
    const joining = await all.openGroup("c", 99, { members: ["a", "b"], join: true });
    // By then nobody else is handed leadership.
    await until(() => all.node("b", 99).metrics().isLeader);
    await all.node("b", 99).reconfigure({ type: "add", id: "c", address: all.addresses["c"]! });
    expect(await joining.read(({ value }) => value)).toBe(5);
  });

  it("stops as a whole when its disk fails, for whoever shares a log shares its end", async () => {
    let isBroken = false;
    const write = (...args: unknown[]): void => {
      if (isBroken) failing(...args);
      else (REAL_FILE_SYSTEM.write as (...all: unknown[]) => void)(...args);
    };
    const fileSystem = { ...REAL_FILE_SYSTEM, write: write as FileSystem["write"] };
    hosts = await Hosts.start(["a"], [1, 2, 3], { fileSystem });
    const host = hosts.host("a");
    const nodes = [1, 2, 3].map((group) => hosts!.node("a", group));
    const failing = (...args: unknown[]): void => {
      const done = args.at(-1) as (error: Error, count: number) => void;
      setImmediate(done, Object.assign(new Error("EIO"), { code: "EIO" }), 0);
    };
    await Promise.all(nodes.map((node) => node.propose({ add: 1 })));
    isBroken = true;
    // Two have something under way; the third has not.
    const lost = [nodes[0]!, nodes[1]!].map((node) => node.propose({ add: 1 }));
    for (const proposed of lost) await expect(proposed).rejects.toMatchObject({ code: "UNKNOWN_OUTCOME" });
    expect(await host.stopped).toMatchObject({ code: "STORAGE_FAILED" });
    isBroken = false;
    for (const node of nodes) await expect(node.propose({ add: 1 })).rejects.toMatchObject({ code: "STOPPED" });
    await expect(host.openGroup({ group: 4, stateMachine: new Counter() })).rejects.toMatchObject({ code: "STOPPED" });
    await hosts.close("a");
    await hosts.open("a", [1, 2, 3]);
    expect(await hosts.node("a", 3).propose({ add: 1 })).toBe(2);
  });

  it("refuses what makes no sense, each with its code", async () => {
    const all = await start([1]);
    const host = all.host("a");
    const stateMachine = new Counter();
    await expect(host.openGroup({ group: 0, stateMachine })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await expect(host.openGroup({ group: 1, stateMachine })).rejects.toMatchObject({ code: "GROUP_WAS_OPEN" });
    const limits = { maxCommandBytes: -1 };
    await expect(host.openGroup({ group: 5, stateMachine, limits })).rejects.toMatchObject({ code: "INVALID_OPTION" });
    await host.openGroup({ group: 5, stateMachine }); // nothing was taken by that
    for (const settings of [{ segmentBytes: 2 ** 31 }, { segmentBytes: 0.5 }, { maxHandOvers: 0 }]) {
      const options = all.options("a", { settings, dataDirectory: join(all.folder, "other"), listen: "127.0.0.1:0" });
      await expect(RaftHost.open(options)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    }
    await expect(host.openGroup({ group: 2, members: ["a", "x"], stateMachine })).rejects.toThrow(/the name of a host/);
    await expect(RaftHost.open(all.options("a"))).rejects.toMatchObject({ code: "DIRECTORY_LOCKED" });
    await expect(RaftHost.open(all.options("x", { listen: "127.0.0.1:0" }))).rejects.toMatchObject({
      code: "INVALID_OPTION",
    });
    await host.close();
    await host.close();
    expect(await host.stopped).toBeNull();
    await expect(host.openGroup({ group: 3, stateMachine })).rejects.toMatchObject({ code: "STOPPED" });
  });
});
