import type { HeartbeatRequest } from "@balsa/core";
import { describe, expect, it } from "vitest";
import type { Clock } from "../../src/clock.js";
import { HOST_GROUP, type Beacon } from "../../src/host/hostMessage.js";
import { HostNetwork } from "../../src/host/hostNetwork.js";
import type { GroupMessage, PeerMessage } from "../../src/network.js";

function heartbeat(to: string, round: number): HeartbeatRequest {
  return { type: "heartbeatRequest", from: "a", to, term: 1, commitIndex: 0, round, mayRest: false };
}

const vote: PeerMessage = { type: "voteResponse", from: "a", to: "b", term: 1, preVote: false, granted: true };

function network() {
  const sent: [string, GroupMessage][] = [];
  let arrive: (message: GroupMessage) => void = () => undefined;
  const soon: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    setTimer: () => ({ cancel: () => undefined }),
    soon: (callback) => void soon.push(callback),
  };
  const heard: string[] = [];
  const beacons: Beacon[] = [];
  const under = {
    send: (to: string, message: GroupMessage) => void sent.push([to, message]),
    onMessage: (handler: ((message: GroupMessage) => void) | null) => void (arrive = handler ?? (() => undefined)),
  };
  const host = new HostNetwork("a", under, clock, {
    heardFrom: (from) => void heard.push(from),
    beacon: (beacon) => void beacons.push(beacon),
  });
  const endTurn = (): void => {
    for (const callback of soon.splice(0)) callback();
  };
  return { host, sent, heard, beacons, endTurn, arrive: (message: GroupMessage) => arrive(message) };
}

describe("the network of many groups", () => {
  it("sends the heartbeats of a turn to one host as one message, and everything else at once", () => {
    const { host, sent, endTurn } = network();
    for (let group = 1; group <= 3; group++) {
      for (const to of ["b", "c"])
        host.forGroup(group, () => undefined).send(to, { group, message: heartbeat(to, group) });
    }
    host.forGroup(9, () => undefined).send("b", { group: 9, message: vote });
    expect(sent).toEqual([["b", { group: 9, message: vote }]]);
    sent.length = 0;
    endTurn();
    expect(sent).toEqual(
      ["b", "c"].map((to) => {
        const heartbeats = [1, 2, 3].map((group) => ({ group, message: heartbeat(to, group) }));
        return [to, { group: HOST_GROUP, message: { type: "heartbeatBatch", from: "a", to, term: 0, heartbeats } }];
      }),
    );
    endTurn();
    expect(sent).toHaveLength(2);
  });

  it("sends a single one as it is, and no batch without bounds", () => {
    const { host, sent, endTurn } = network();
    const group = host.forGroup(5, () => undefined);
    group.send("b", { group: 5, message: heartbeat("b", 1) });
    endTurn();
    expect(sent).toEqual([["b", { group: 5, message: heartbeat("b", 1) }]]);
    sent.length = 0;
    for (let round = 0; round < 10_000; round++) group.send("b", { group: 5, message: heartbeat("b", round) });
    endTurn();
    expect(sent.length).toBe(3);
  });

  it("hands each message to its group, those of a batch one by one, and hears of every host", () => {
    const { host, heard, beacons, arrive } = network();
    const taken: [number, PeerMessage][] = [];
    let before = 0;
    for (const group of [1, 2]) {
      host
        .forGroup(group, () => {
          before += 1;
        })
        .onMessage((message) => taken.push([message.group, message.message]));
    }
    const from = { ...heartbeat("a", 1), from: "b" };
    const beacon = { type: "beacon", from: "c", to: "a", term: 0, incarnation: 7, leaving: false } as const;
    const heartbeats = [1, 2, 3].map((group) => ({ group, message: from }));
    arrive({ group: HOST_GROUP, message: { type: "heartbeatBatch", from: "b", to: "a", term: 0, heartbeats } });
    arrive({ group: 2, message: { ...vote, from: "b", to: "a" } });
    arrive({ group: 77, message: { ...vote, from: "b", to: "a" } });
    arrive({ group: HOST_GROUP, message: beacon });
    expect(taken).toEqual([
      [1, from],
      [2, from],
      [2, { ...vote, from: "b", to: "a" }],
    ]);
    expect([before, heard, beacons]).toEqual([3, ["b", "b", "b", "c"], [beacon]]);
  });

  it("hands nothing to a group that has ended, and sends nothing once it has stopped", () => {
    const { host, sent, endTurn, arrive } = network();
    const group = host.forGroup(1, () => undefined);
    group.onMessage(() => expect.unreachable());
    group.onMessage(null);
    arrive({ group: 1, message: { ...vote, from: "b", to: "a" } });
    host.stop();
    group.send("b", { group: 1, message: heartbeat("b", 1) });
    endTurn();
    expect(sent).toEqual([]);
  });
});
