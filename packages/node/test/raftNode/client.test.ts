import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyValueClient } from "@balsa/client";
import { KeyValueMachine } from "@balsa/replica";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RaftNode } from "../../src/index.js";
import { freePorts } from "../support/cluster.js";

type KeyValueNode = RaftNode<Uint8Array, Uint8Array, KeyValueMachine>;

let folder: string;
let nodes: Map<string, KeyValueNode>;
let addresses: Record<string, string>;
let client: KeyValueClient;

async function open(id: string): Promise<void> {
  const node = await RaftNode.open({
    id,
    dataDirectory: join(folder, id),
    listen: addresses[id]!,
    members: addresses,
    bytesStateMachine: new KeyValueMachine(),
    limits: { segmentBytes: 256 * 1024 },
  });
  nodes.set(id, node);
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "balsa-client-"));
  nodes = new Map();
  const ports = await freePorts(3);
  addresses = Object.fromEntries(["a", "b", "c"].map((id, i) => [id, `127.0.0.1:${String(ports[i])}`]));
  await Promise.all(["a", "b", "c"].map(open));
  client = KeyValueClient.connect({ servers: Object.values(addresses) });
});

afterEach(async () => {
  await client.close();
  await Promise.all([...nodes.values()].map((node) => node.close({ timeoutMs: 200 })));
  rmSync(folder, { recursive: true, force: true });
});

describe("a client", () => {
  it("finds the leader and has its commands carried out", async () => {
    await client.put("k", "v");
    expect(await client.get("k")).toBe("v");
    expect(await client.compareAndSet("k", "v", "w")).toBe(true);
    expect(await client.compareAndSet("k", "v", "x")).toBe(false);
    await client.append("k", "!");
    expect(await client.get("k")).toBe("w!");
    expect(await client.delete("k")).toBe(true);
    expect(await client.get("k")).toBeNull();
  });

  it("has each command take effect once, in order, while leaders come and go", async () => {
    await client.put("log", "");
    const appends = Array.from({ length: 200 }, (_, i) => client.append("log", `${String(i)},`));
    for (let round = 0; round < 3; round++) {
      const leader = [...nodes.values()].find((node) => node.status().role === "leader");
      if (leader !== undefined) await leader.transferLeadership().catch(() => undefined);
    }
    await Promise.all(appends);
    expect(await client.get("log")).toBe(Array.from({ length: 200 }, (_, i) => `${String(i)},`).join(""));
  });

  it("goes on with another member when the one that it talks to is closed", async () => {
    await client.put("k", "1");
    const closed = client.client.server!;
    await nodes.get(closed)!.close();
    nodes.delete(closed);
    await client.put("k", "2");
    expect(await client.get("k")).toBe("2");
    expect(client.client.server).not.toBe(closed);
  });

  it("says that nothing was done when nobody is there", async () => {
    await Promise.all([...nodes.values()].map((node) => node.close({ timeoutMs: 200 })));
    nodes.clear();
    await expect(client.put("k", "v", { timeoutMs: 300 })).rejects.toMatchObject({ code: "NOT_REACHED" });
    await expect(client.get("k", { timeoutMs: 300 })).rejects.toMatchObject({ code: "NOT_REACHED" });
  });
});
