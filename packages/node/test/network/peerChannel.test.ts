import { expect, it } from "vitest";
import { PeerChannel, type Caller } from "../../src/network/peerChannel.js";
import { freePorts, until } from "../support/cluster.js";

const BASE_MS = 20;
const MOST_MS = 2_000;

it("a peer that can't be reached is called at random distances within a range that doubles up to two seconds", async () => {
  const [port] = await freePorts(1);
  let now = 1_000;
  let drawn = 0;
  let failures = 0;
  const caller: Caller = {
    id: "a",
    clusterId: "balsa",
    group: 1,
    address: "",
    newestVersion: 2,
    tls: null,
    connectTimeoutMs: 1_000,
    now: () => now,
    random: () => drawn,
  };
  const channel = new PeerChannel("b", `127.0.0.1:${String(port)}`, caller, {
    connected: () => undefined,
    disconnected: () => undefined,
    failed: (_to, _address, _error, attempt) => (failures = attempt),
  });
  const send = (): boolean => {
    const before = channel.droppedMessages;
    channel.send(Uint8Array.of(1));
    return channel.droppedMessages === before; // it waits for a connection that is being made
  };
  for (let attempt = 1; attempt <= 10; attempt++) {
    drawn = attempt % 2 === 0 ? 0.25 : 0.75;
    expect(send()).toBe(true);
    await until(() => failures === attempt);
    const distanceMs = drawn * Math.min(MOST_MS, BASE_MS * 2 ** attempt);
    now += distanceMs - 0.001;
    expect(send()).toBe(false);
    now += 0.002;
  }
  channel.close();
});
