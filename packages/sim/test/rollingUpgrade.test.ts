import { describe, expect, it } from "vitest";
import { expandScenario } from "../src/faults/expandScenario.js";
import { simulate, TEACHING_SCENARIOS, type Scenario, type TimedFault, type TraceEvent } from "../src/index.js";

const SEEDS = Number(process.env["BALSA_SEEDS"] ?? 10);
const UPGRADE = TEACHING_SCENARIOS["rolling-upgrade"]!;

type Delivered = Extract<TraceEvent, { readonly detail: string }>;

describe("members that are replaced one by one by ones that speak another protocol", () => {
  it("serve all the while, and rest only while all of them speak the one that has words for it", () => {
    const delivered: Delivered[] = [];
    const { violations, commandsCommitted } = simulate(UPGRADE, {
      onTrace: (event) => {
        if (event.what === "messageDelivered") delivered.push(event);
      },
    });
    expect(violations).toEqual([]);
    expect(commandsCommitted).toBeGreaterThan(5);
    const [first, , last, back] = UPGRADE.faults as readonly TimedFault[];
    const saidToRest = delivered.filter(({ detail }) => detail.endsWith("may rest") || detail.endsWith("rests"));
    const between = (from: TimedFault, to: TimedFault): Delivered[] =>
      saidToRest.filter(({ timeMs }) => timeMs >= from.atMs && timeMs < to.atMs);
    expect(between({ ...first!, atMs: 0 }, first!)).toEqual([]);
    // Two of the three can say it to each other already, and the third never agrees.
    const agreed = between(first!, last!).filter(({ message }) => message === "heartbeatResponse");
    expect(agreed.every(({ from, to }) => from !== "n3" && to !== "n3")).toBe(true);
    const rounds = between(last!, back!).filter(({ message }) => message === "heartbeatResponse");
    expect(new Set(rounds.map(({ from }) => from)).size).toBeGreaterThanOrEqual(2);
    const backToTheOld = delivered.filter(({ timeMs }) => timeMs >= back!.atMs);
    const withTheOld = backToTheOld.filter(({ from, to }) => from === "n2" || to === "n2");
    expect(withTheOld.length).toBeGreaterThan(10);
    expect(withTheOld.filter((event) => saidToRest.includes(event))).toEqual([]);
  });

  it("say far less while they rest than before", () => {
    const perSecond = new Map<number, number>();
    simulate(
      { ...UPGRADE, workload: { clients: 1, ratePerSecond: 0.001, readsPerCommand: 0 } },
      {
        onTrace: ({ what, timeMs }) => {
          const second = Math.floor(timeMs / 1_000);
          if (what === "messageSent") perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
        },
      },
    );
    const sum = (from: number, to: number): number =>
      Array.from({ length: to - from }, (_, i) => perSecond.get(from + i) ?? 0).reduce((all, one) => all + one, 0);
    expect(sum(16, 23)).toBeGreaterThan(0);
    expect(sum(16, 23) * 5).toBeLessThan(sum(1, 4));
  });

  it("break no rule when they are replaced to and fro amid all other faults", () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { violations } = simulate(amidFaults(seed));
      expect(violations, `seed ${String(seed)}`).toEqual([]);
    }
  });
});

/** Up and down again, in an order that the seed decides. */
function amidFaults(seed: number): Scenario {
  const drawn = expandScenario({
    version: 1,
    seed,
    nodes: 3 + (seed % 3),
    machine: seed % 2 === 0 ? "kv" : "counter",
    protocolVersion: 1,
    raft: { restAfterMs: 400, restingHeartbeatIntervalMs: 1_500, leaseReads: seed % 3 === 0 },
    workload: { clients: 3, ratePerSecond: 4 },
    faults: { classes: ["network", "crash", "disk", "clock"], intensity: 0.6 },
    durationMs: 20_000,
  });
  const upgrades = Array.from({ length: 12 }, (_, i): TimedFault => ({
    kind: "upgrade",
    atMs: 1_000 + 1_500 * i,
    durationMs: 100 + ((seed * 37 + i * 91) % 500),
    node: `n${String(1 + ((seed + i) % drawn.nodes))}`,
    version: (seed + i * i) % 3 === 0 ? 1 : 2,
  }));
  const faults = [...(drawn.faults as readonly TimedFault[]), ...upgrades].sort((a, b) => a.atMs - b.atMs);
  return { ...drawn, faults };
}
