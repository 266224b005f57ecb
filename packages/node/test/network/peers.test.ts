import { connectFramed, FramedServer, type FramedConnection } from "@balsa/client/connection";
import type { Hello } from "@balsa/replica";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SILENT_LOGGER, TcpNetwork, type NodeEvent } from "../../src/index.js";
import { until } from "../support/cluster.js";

let network: TcpNetwork;
let events: NodeEvent[];
let peer: FramedServer;
let calls: FramedConnection[];

const matched = { type: "appendAccepted", from: "a", to: "b", term: 1, matchIndex: 1 } as const;

beforeEach(async () => {
  events = [];
  calls = [];
  network = await TcpNetwork.listen({
    id: "a",
    clusterId: "balsa",
    group: 1,
    listen: "127.0.0.1:0",
    addresses: new Map(),
    insecure: false,
    logger: SILENT_LOGGER,
    silenceMs: 20,
    onEvent: (event) => events.push(event),
    onClient: (connection) => connection.destroy(),
  });
  peer = await FramedServer.listen({
    listen: "127.0.0.1:0",
    tls: null,
    insecure: false,
    nodeId: "b",
    admit: () => null,
    onConnection: (connection) => calls.push(connection),
    onRefused: () => undefined,
  });
});

afterEach(async () => {
  await network.close();
  await peer.close();
});

const hello = (from: string, address: string): Hello => ({
  minVersion: 1,
  maxVersion: 1,
  role: "peer",
  clusterId: "balsa",
  group: 1,
  from,
  to: "a",
  address,
});

describe("a peer", () => {
  it("that takes what is sent and says nothing is called anew, for its packets may get lost", async () => {
    network.setAddress("b", peer.address);
    await until(() => {
      network.send("b", { group: 1, message: matched });
      return calls.length >= 2;
    });
    expect(events).toContainEqual({
      type: "peerDisconnected",
      id: "b",
      reason: "nothing was heard of b for 20 ms, so it is called anew",
    });
  });

  it("that is known from its own hello alone is answered, and forgotten when it is gone", async () => {
    const call = { address: network.address, tls: null };
    for (let i = 0; i < 20; i++) {
      const { connection } = await connectFramed({ ...call, hello: hello(`stranger-${String(i)}`, peer.address) });
      await until(() => network.stats().length === 1);
      connection.destroy();
      await until(() => network.stats().length === 0);
    }
    const { connection } = await connectFramed({ ...call, hello: hello("b", peer.address) });
    await until(() => {
      network.send("b", { group: 1, message: matched });
      return calls.length >= 1;
    });
    network.setAddress("b", peer.address);
    connection.destroy();
    const other = await connectFramed({ ...call, hello: hello("c", peer.address) });
    await until(() => network.stats().some(({ id }) => id === "c"));
    expect(network.stats().map(({ id }) => id)).toContain("b");
    other.connection.destroy();
  });
});
