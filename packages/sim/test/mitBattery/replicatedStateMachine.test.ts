import {
  decodeCounterResult,
  encodeCounterCommand,
  CounterMachine,
  refusal,
  type Applied,
  type Outcome,
} from "@balsa/replica";
import { describe, expect, test } from "vitest";
import { machineKit } from "../../src/workload/machineKit.js";
import type { Activity } from "./support/activity.js";
import { MitCluster } from "./support/mitCluster.js";

const WITHIN_MS = 10_000;
const POLL_MS = 10;
const MANY = 100;

/** A command handed to one server, and what became of it. */
interface Submitted {
  outcome: Outcome<unknown> | null;
}

/** The lab's replicated counter: each server is asked directly, and a command is submitted once. */
class CounterLab extends MitCluster {
  constructor() {
    super({ servers: 3, kit: machineKit("counter") });
  }

  submit(server: number, amount: number): Submitted {
    const submitted: Submitted = { outcome: null };
    if (this.replica(server) === null) submitted.outcome = refusal("STOPPED", null);
    this.propose(server, encodeCounterCommand({ type: "add", amount }), (outcome) => {
      submitted.outcome = outcome;
    });
    return submitted;
  }

  /** Stops a server as its owner does, and leaves it down. */
  stop(server: number): void {
    const node = this.node(server);
    node.excuse(0); // or the cluster would take a stop that it did not ask for as a failure
    node.replica?.stop(() => undefined);
    node.crash("keep");
  }

  /** Adds one through whichever of these servers leads, within ten seconds; gives the new total. */
  *increment(among: readonly number[] = this.servers): Activity<number> {
    const deadline = this.time.now + WITHIN_MS;
    for (let turn = 0; this.time.now < deadline; turn += 1) {
      const submitted = this.submit(among[turn % among.length] as number, 1);
      while (submitted.outcome === null && this.time.now < deadline) yield 1;
      const { outcome } = submitted;
      if (outcome?.ok === true) {
        const result = decodeCounterResult((outcome.value as Applied).result);
        if (result.type === "total") return result.total;
      }
      yield POLL_MS;
    }
    throw new Error("no server took the command within ten seconds");
  }

  *incrementTimes(times: number): Activity {
    for (let i = 0; i < times; i += 1) yield* this.increment();
  }

  /** Within ten seconds so many servers come to this total, and none beyond. */
  *checkCounter(total: number, servers: number): Activity {
    const deadline = this.time.now + WITHIN_MS;
    const totals = (): number[] => this.servers.map((server) => this.#totalOf(server));
    while (totals().filter((each) => each === total).length < servers) {
      if (this.time.now > deadline) throw new Error(`counters are ${totals().join(", ")}, not ${total} on ${servers}`);
      yield POLL_MS;
    }
    expect(Math.max(...totals())).toBe(total);
  }

  #totalOf(server: number): number {
    const machine = this.machine(server);
    return machine instanceof CounterMachine ? machine.value : -1;
  }
}

function counterTest(name: string, body: (lab: CounterLab) => Activity): void {
  test(name, () => {
    const lab = new CounterLab();
    lab.run(body(lab));
  });
}

/** Many commands are on their way to every server when all of them are stopped; each must have ended, one way or another. */
function submitManyThenStop(lab: CounterLab): void {
  const submitted = Array.from({ length: MANY }, (_, i) => lab.submit(i % 3, 0));
  const atLeader = submitted.filter(({ outcome }) => outcome === null);
  expect(atLeader.length).toBeGreaterThan(MANY / 4);
  for (const server of lab.servers) lab.stop(server);
  expect(submitted.filter(({ outcome }) => outcome === null)).toEqual([]);
  // Nobody may be told that nothing was done: that is not known.
  for (const { outcome } of atLeader) expect(outcome).toMatchObject({ ok: false, code: "UNKNOWN_OUTCOME" });
}

describe("Replicated state machine", () => {
  counterTest("Basic", function* (lab) {
    for (let total = 1; total <= 10; total += 1) {
      expect(yield* lab.increment()).toBe(total);
      yield* lab.checkCounter(total, 3);
    }
  });

  counterTest("Concurrent", function* (lab) {
    const increments = Array.from({ length: 50 }, () => lab.spawn(lab.increment()));
    const totals = [];
    for (const increment of increments) totals.push(yield* increment.join());
    expect(totals.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    yield* lab.checkCounter(50, 3);
  });

  counterTest("LeaderFailure", function* (lab) {
    yield* lab.increment();
    const leader = yield* lab.checkOneLeader();
    lab.disconnect(leader);
    const others = lab.servers.filter((server) => server !== leader);
    for (let total = 2; total <= 11; total += 1) expect(yield* lab.increment(others)).toBe(total);
    yield* lab.checkCounter(11, 2);
    lab.connect(leader);
    yield* lab.checkCounter(11, 3);
  });

  counterTest("LeaderPartition", function* (lab) {
    yield* lab.incrementTimes(MANY);
    yield* lab.checkCounter(MANY, 3);
    const leader = yield* lab.checkOneLeader();
    const others = lab.servers.filter((server) => server !== leader);
    lab.partition(others, [leader]);

    const submitted = Array.from({ length: MANY }, () => lab.submit(leader, -1));
    yield 1_000;
    expect(submitted.filter(({ outcome }) => outcome !== null)).toEqual([]);
    expect(yield* lab.increment(others)).toBe(MANY + 1);
    yield* lab.checkCounter(MANY + 1, 2);

    // Healed, the old leader learns that its commands came to nothing, and says so to those who wait.
    lab.connectAll();
    yield 1_000;
    expect(submitted.filter(({ outcome }) => outcome === null)).toEqual([]);
    expect(submitted.filter(({ outcome }) => outcome?.ok === true)).toEqual([]);
    yield* lab.checkCounter(MANY + 1, 3);
  });

  counterTest("RestartReplay", function* (lab) {
    yield* lab.incrementTimes(MANY);
    yield* lab.checkCounter(MANY, 3);
    yield* lab.restartAll(1_000);
    expect(yield* lab.increment()).toBe(MANY + 1);
    yield* lab.checkCounter(MANY + 1, 3);
  });

  counterTest("Shutdown", function* (lab) {
    yield* lab.checkOneLeader();
    submitManyThenStop(lab);
  });

  counterTest("RestartSubmit", function* (lab) {
    yield* lab.incrementTimes(MANY);
    yield* lab.checkCounter(MANY, 3);
    yield* lab.restartAll(1_000);
    expect(yield* lab.increment()).toBe(MANY + 1);
    yield* lab.checkCounter(MANY + 1, 3);

    yield 1_000;
    submitManyThenStop(lab);
    for (const server of lab.servers) yield* lab.start(server);
    yield 1_000;
    expect(yield* lab.increment()).toBe(MANY + 2);
    yield* lab.checkCounter(MANY + 2, 3);
  });
});
