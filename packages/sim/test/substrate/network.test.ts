import type { Entry, NodeId } from "@balsa/core";
import type { GroupMessage, Network } from "@balsa/replica";
import { describe, expect, it } from "vitest";
import {
  type LinkSettings,
  NodeProcess,
  RandomStreams,
  SimulatedNetwork,
  type SimulatedNetworkOptions,
  VirtualTime,
} from "../../src/substrate.js";

const IDS = ["a", "b", "c"];

interface Arrival {
  readonly to: NodeId;
  readonly from: NodeId;
  readonly number: number;
  readonly atMs: number;
}

/** A message that carries a number, so that tests can tell which one arrived. */
function numbered(from: NodeId, to: NodeId, number: number): GroupMessage {
  return {
    group: 1,
    message: { type: "heartbeatRequest", from, to, term: 1, commitIndex: 0, round: number, mayRest: false },
  };
}

function numberOf(message: GroupMessage): number {
  return message.message.type === "heartbeatRequest" ? message.message.round : -1;
}

function world(options: SimulatedNetworkOptions = {}, seed = 1) {
  const time = new VirtualTime();
  const drops: string[] = [];
  const events: string[] = [];
  const network = new SimulatedNetwork(time, new RandomStreams(seed), {
    observer: {
      onSent: (from, to, message) => events.push(`sent ${from}→${to} ${numberOf(message)}`),
      onDelivered: (from, to, message) => events.push(`delivered ${from}→${to} ${numberOf(message)}`),
      onDropped: (_from, _to, message, reason) => drops.push(`${numberOf(message)} ${reason}`),
    },
    ...options,
  });
  const arrivals: Arrival[] = [];
  const processes = new Map<NodeId, NodeProcess>();
  const ends = new Map<NodeId, Network>();
  const start = (id: NodeId) => {
    const process = new NodeProcess(id, time);
    const end = network.attach(process);
    end.onMessage((message) => {
      arrivals.push({ to: id, from: message.message.from, number: numberOf(message), atMs: time.now });
    });
    processes.set(id, process);
    ends.set(id, end);
    return process;
  };
  for (const id of IDS) start(id);
  const send = (from: NodeId, to: NodeId, number = 0) => ends.get(from)?.send(to, numbered(from, to, number));
  /** Sends so many messages, one every millisecond, and lets all of them arrive. */
  const stream = (count: number, from = "a", to = "b") => {
    for (let number = 0; number < count; number += 1) time.schedule(number, () => send(from, to, number));
    finish();
  };
  const finish = () => {
    while (time.runNext());
  };
  const kill = (id: NodeId) => processes.get(id)?.kill();
  const process = (id: NodeId) => processes.get(id) as NodeProcess;
  return { time, network, arrivals, drops, events, start, send, stream, finish, kill, process, ends };
}

function run(settings: Partial<LinkSettings>, count = 2_000, seed = 1) {
  const result = world({}, seed);
  result.network.setDefaults(settings);
  result.stream(count);
  return result;
}

const inOrder = (count: number) => Array.from({ length: count }, (_, number) => number);
const numbers = (arrivals: readonly Arrival[]) => arrivals.map(({ number }) => number);
const timesByNumber = (arrivals: readonly Arrival[]) => new Map(arrivals.map(({ number, atMs }) => [number, atMs]));

describe("a network without faults", () => {
  it("delivers every message once, later, and in order", () => {
    const { arrivals, network, drops } = run({});
    expect(numbers(arrivals)).toEqual(inOrder(2_000));
    for (const { atMs, number } of arrivals) expect(atMs).toBeGreaterThanOrEqual(number + 0.2);
    expect(drops).toEqual([]);
    expect(network.counters).toEqual({ sent: 2_000, delivered: 2_000, dropped: 0, duplicated: 0 });
  });

  it("never delivers before the sending call returned, even without delay", () => {
    const { network, arrivals, send, finish } = world();
    network.setDefaults({ delayMinMs: 0, delayMeanMs: 0 });
    send("a", "b");
    expect(arrivals).toEqual([]);
    finish();
    expect(arrivals).toEqual([{ to: "b", from: "a", number: 0, atMs: 0 }]);
  });

  it("tells observers of what is sent and delivered", () => {
    const { events, send, finish } = world();
    send("a", "c", 7);
    finish();
    expect(events).toEqual(["sent a→c 7", "delivered a→c 7"]);
  });

  it("does the same for the same seed, and something else for another", () => {
    const settings = { lossProbability: 0.1, duplicateProbability: 0.1, reorderProbability: 0.1 };
    expect(run(settings).arrivals).toEqual(run(settings).arrivals);
    expect(run(settings).arrivals).not.toEqual(run(settings, 2_000, 2).arrivals);
  });
});

describe("a network with faults", () => {
  it("loses messages as often as it is told to", () => {
    const { network, drops } = run({ lossProbability: 0.25 });
    expect(network.counters.dropped / 2_000).toBeCloseTo(0.25, 1);
    expect(drops.every((drop) => drop.endsWith(" loss"))).toBe(true);
    expect(run({ lossProbability: 1 }).arrivals).toEqual([]);
  });

  it("duplicates messages, each at most once", () => {
    const { network, arrivals } = run({ duplicateProbability: 0.25 });
    expect(network.counters.duplicated / 2_000).toBeCloseTo(0.25, 1);
    expect(network.counters.delivered).toBe(2_000 + network.counters.duplicated);
    expect(new Set(numbers(arrivals)).size).toBe(2_000);
  });

  it("delays by the least delay and a tail with the mean asked for", () => {
    const { arrivals } = run({ delayMinMs: 0.1, delayMeanMs: 0.3 }, 5_000);
    const delays = arrivals.map(({ atMs, number }) => atMs - number);
    expect(Math.min(...delays)).toBeGreaterThan(0.0999);
    expect(delays.reduce((sum, delay) => sum + delay, 0) / delays.length).toBeCloseTo(0.3, 1);
  });

  it("holds back some messages, which later ones overtake", () => {
    const { arrivals } = run({ reorderProbability: 0.1, reorderMeanMs: 20 });
    expect(numbers(arrivals)).not.toEqual(inOrder(2_000));
    expect([...numbers(arrivals)].sort((left, right) => left - right)).toEqual(inOrder(2_000));
  });

  it("sends large messages slowly where bandwidth is small", () => {
    const { network, ends, time, arrivals, finish } = world();
    network.setDefaults({ delayMinMs: 0, delayMeanMs: 0, bandwidthBytesPerMs: 10 });
    const entry: Entry = { index: 1, term: 1, kind: "command", data: new Uint8Array(904), configuration: null };
    ends.get("a")?.send("b", {
      group: 1,
      message: {
        type: "appendRequest",
        from: "a",
        to: "b",
        term: 1,
        previousLogIndex: 0,
        previousLogTerm: 0,
        entries: [entry],
        commitIndex: 0,
      },
    });
    ends.get("a")?.send("b", numbered("a", "b", 1));
    finish();
    expect(arrivals.map(({ atMs }) => atMs)).toEqual([100, 106.4]);
    expect(time.now).toBe(106.4);
  });

  it("drops what a full link can't take", () => {
    const { network, drops, send, finish } = world();
    network.setDefaults({ queueLimit: 3 });
    for (let number = 0; number < 5; number += 1) send("a", "b", number);
    finish();
    expect(drops).toEqual(["3 queueFull", "4 queueFull"]);
    send("a", "b", 5);
    finish();
    expect(network.counters.delivered).toBe(4);
  });

  it("sets one link apart, and back", () => {
    const { network, arrivals, send, finish } = world();
    network.setLink("a", "b", { lossProbability: 1 });
    network.setDefaults({ delayMinMs: 2 });
    send("a", "b");
    send("b", "a");
    finish();
    expect(arrivals.map(({ to }) => to)).toEqual(["a"]);
    network.setLink("a", "b", null);
    send("a", "b");
    finish();
    expect(arrivals.length).toBe(2);
  });

  it("refuses settings that mean nothing, and keeps the old ones", () => {
    const { network, send, finish, arrivals } = world();
    const bad = [{ lossProbability: 1.1 }, { delayMinMs: -1 }, { bandwidthBytesPerMs: 0 }, { queueLimit: NaN }];
    for (const settings of bad) {
      expect(() => network.setDefaults(settings)).toThrow(RangeError);
      expect(() => network.setLink("a", "b", settings)).toThrow(RangeError);
    }
    send("a", "b");
    finish();
    expect(arrivals.length).toBe(1);
  });
});

describe("taking one network fault out leaves the other choices as they were", () => {
  const everything: Partial<LinkSettings> = {
    lossProbability: 0.1,
    duplicateProbability: 0.1,
    reorderProbability: 0.1,
    delayMeanMs: 3,
  };
  const all = run(everything);

  it("loss: what arrived then arrives at the same times", () => {
    const without = timesByNumber(run({ ...everything, lossProbability: 0, duplicateProbability: 0 }).arrivals);
    const before = run({ ...everything, duplicateProbability: 0 }).arrivals;
    expect(before.length).toBeLessThan(2_000);
    for (const { number, atMs } of before) expect(without.get(number)).toBe(atMs);
  });

  it("duplication: the same messages are lost, and the first copies arrive at the same times", () => {
    const without = run({ ...everything, duplicateProbability: 0 });
    expect(without.drops).toEqual(all.drops);
    const first = timesByNumber([...all.arrivals].reverse());
    for (const { number, atMs } of without.arrivals) expect(first.get(number)).toBe(atMs);
  });

  it("reordering and delay: the same messages are lost, and as many duplicated", () => {
    for (const change of [{ reorderProbability: 0 }, { delayMeanMs: 0 }]) {
      const without = run({ ...everything, ...change });
      expect(without.drops).toEqual(all.drops);
      expect(without.network.counters).toEqual(all.network.counters);
    }
  });

  it("traffic of one link does not move another", () => {
    const busy = world();
    busy.network.setDefaults(everything);
    for (let number = 0; number < 500; number += 1) busy.time.schedule(number, () => busy.send("c", "b", -1));
    busy.stream(2_000);
    expect(busy.arrivals.filter(({ from }) => from === "a")).toEqual(all.arrivals);
  });
});

describe("cut links", () => {
  it("carry nothing in the direction that is cut", () => {
    const { network, arrivals, drops, send, finish } = world();
    network.setCut("a", "b", true);
    expect([network.isCut("a", "b"), network.isCut("b", "a")]).toEqual([true, false]);
    send("a", "b", 1);
    send("b", "a", 2);
    finish();
    expect(numbers(arrivals)).toEqual([2]);
    expect(drops).toEqual(["1 cut"]);
    network.setCut("a", "b", false);
    send("a", "b", 3);
    finish();
    expect(numbers(arrivals)).toEqual([2, 3]);
  });

  it("lose what is on its way, unless told otherwise", () => {
    for (const inFlightSurvivesCut of [false, true]) {
      const { network, arrivals, drops, send, finish } = world({ inFlightSurvivesCut });
      send("a", "b", 1);
      network.setCut("a", "b", true);
      finish();
      expect(arrivals.length).toBe(inFlightSurvivesCut ? 1 : 0);
      expect(drops).toEqual(inFlightSurvivesCut ? [] : ["1 cut"]);
    }
  });

  const reached = ({ send, finish, arrivals }: ReturnType<typeof world>) => {
    arrivals.length = 0;
    for (const from of IDS) for (const to of IDS) if (from !== to) send(from, to);
    finish();
    return arrivals.map(({ from, to }) => from + to).sort();
  };

  it("make a partition, in both directions or in one", () => {
    const both = world();
    both.network.partition(["a"], ["b", "c"]);
    expect(reached(both)).toEqual(["bc", "cb"]);
    const oneWay = world();
    oneWay.network.partition(["a"], ["b", "c"], true);
    expect(reached(oneWay)).toEqual(["ba", "bc", "ca", "cb"]);
  });

  it("leave a bridge node that alone sees all, and heal together", () => {
    const bridged = world();
    bridged.network.bridge("b", IDS);
    expect(reached(bridged)).toEqual(["ab", "ba", "bc", "cb"]);
    bridged.network.healAll();
    expect(reached(bridged)).toEqual(["ab", "ac", "ba", "bc", "ca", "cb"]);
  });
});

describe("processes and the network", () => {
  it("loses what is sent to a node that is down or unknown", () => {
    const { drops, send, kill, finish } = world();
    kill("b");
    send("a", "b", 1);
    send("a", "nobody", 2);
    finish();
    expect(drops).toEqual(["1 receiverDown", "2 receiverDown"]);
  });

  it("does not hand a message to the process after the one that it was sent to", () => {
    const { arrivals, drops, send, kill, start, finish } = world();
    send("a", "b", 1);
    kill("b");
    start("b");
    send("a", "b", 2);
    finish();
    expect(numbers(arrivals)).toEqual([2]);
    expect(drops).toEqual(["1 receiverDown"]);
  });

  it("keeps messages for a paused process, within the limit, and hands them over in order", () => {
    const { network, time, arrivals, drops, send, process, finish } = world();
    network.setDefaults({ queueLimit: 4 });
    process("b").pause();
    for (let number = 0; number < 6; number += 1) time.schedule(number * 100, () => send("a", "b", number));
    finish();
    expect(arrivals).toEqual([]);
    expect(drops).toEqual(["4 queueFull", "5 queueFull"]);
    process("b").resume();
    finish();
    expect(numbers(arrivals)).toEqual([0, 1, 2, 3]);
  });

  it("frees the link of what waited for a process that was killed in its pause", () => {
    const { network, arrivals, drops, send, process, start, finish } = world();
    network.setDefaults({ queueLimit: 1 });
    process("b").pause();
    send("a", "b", 1);
    finish();
    process("b").kill();
    expect(drops).toEqual(["1 receiverDown"]);
    start("b");
    send("a", "b", 2);
    finish();
    expect(numbers(arrivals)).toEqual([2]);
    expect(network.counters).toEqual({ sent: 2, delivered: 1, dropped: 1, duplicated: 0 });
  });

  it("delivers what a dead process had sent, or not, as told", () => {
    for (const inFlightOutlivesSenderProbability of [0, 1]) {
      const { arrivals, drops, send, kill, finish } = world({ inFlightOutlivesSenderProbability });
      send("a", "b", 1);
      kill("a");
      send("a", "b", 2);
      finish();
      expect(numbers(arrivals)).toEqual(inFlightOutlivesSenderProbability === 1 ? [1] : []);
      expect(drops).toEqual(inFlightOutlivesSenderProbability === 1 ? [] : ["1 senderDied"]);
    }
  });

  it("does not take two living processes for one node", () => {
    const { start } = world();
    expect(() => start("a")).toThrow(/already attached/);
  });

  it("counts every message exactly once, whatever happens to it", () => {
    const { network, time, send, kill, start, process, finish } = world({}, 9);
    network.setDefaults({ lossProbability: 0.1, duplicateProbability: 0.2, reorderProbability: 0.2, queueLimit: 20 });
    for (let at = 0; at < 3_000; at += 1) time.schedule(at / 2, () => send("a", "b", at));
    for (let at = 0; at < 1_400; at += 200) {
      time.schedule(at + 50, () => process("b").pause());
      if (at % 400 === 0) time.schedule(at + 90, () => kill("b"));
      time.schedule(at + 100, () => (process("b").alive ? process("b").resume() : start("b")));
      time.schedule(at + 120, () => network.setCut("a", "b", true));
      time.schedule(at + 150, () => network.healAll());
    }
    finish();
    const { sent, delivered, dropped, duplicated } = network.counters;
    expect(sent).toBe(3_000);
    expect(sent + duplicated).toBe(delivered + dropped);
  });
});

describe("the wire codec", () => {
  it("carries every so many-th message, by default every sixteenth, or none", () => {
    for (const [roundTripEvery, expected] of [
      [undefined, 2],
      [4, 8],
      [1, 32],
      [0, 0],
    ] as const) {
      let trips = 0;
      const roundTrip = (message: GroupMessage) => {
        trips += 1;
        return { group: message.group, message: { ...message.message, term: 99 } };
      };
      const options = roundTripEvery === undefined ? { roundTrip } : { roundTrip, roundTripEvery };
      const { ends, send, finish } = world(options);
      let decoded = 0;
      ends.get("b")?.onMessage((message) => (decoded += Number(message.message.term === 99)));
      for (let number = 0; number < 32; number += 1) send("a", "b", number);
      finish();
      expect([trips, decoded]).toEqual([expected, expected]);
    }
  });
});
