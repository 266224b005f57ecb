import type { RandomStream } from "../random/randomStream.js";
import { RandomStreams } from "../random/randomStreams.js";
import { DEFAULT_OPTIONS } from "@balsa/core";
import type { FaultPlan, Scenario } from "../scenario/scenario.js";
import type { FaultClass, NodeChoice, TimedFault } from "../scenario/timedFault.js";

/** Faults are drawn window by window, so that a run without a set end can go on drawing. */
export const PLAN_WINDOW_MS = 60_000;

/** Mean time between two faults of a class, at intensity 1. */
const MEAN_INTERVAL_MS: Readonly<Record<FaultClass, number>> = {
  network: 4_000,
  crash: 5_000,
  disk: 6_000,
  clock: 8_000,
  membership: 7_000,
};

/** The faults of one window: a function of seed, plan and window alone. */
export function planWindow(scenario: Scenario, plan: FaultPlan, window: number): readonly TimedFault[] {
  const streams = new RandomStreams(scenario.seed);
  const faults: TimedFault[] = [];
  for (const faultClass of plan.classes) {
    const draw = new FaultDraw(scenario, streams.stream(`faults/${faultClass}/${window}`));
    const sieve = streams.stream(`faults/${faultClass}/${window}/share`);
    const drawn = drawClass(faultClass, draw, window, intensityOf(plan, faultClass));
    // Each is drawn for, whatever its share, so that the share of one kind decides nothing about the others.
    for (const fault of drawn) if (sieve.float() < (plan.shares?.[fault.kind] ?? 1)) faults.push(fault);
  }
  // Sorting is stable, so faults of the same time stay in the order of their classes.
  return faults.sort((a, b) => a.atMs - b.atMs);
}

function intensityOf(plan: FaultPlan, faultClass: FaultClass): number {
  return (plan.intensity ?? 1) * (plan.intensities?.[faultClass] ?? 1);
}

function drawClass(faultClass: FaultClass, draw: FaultDraw, window: number, intensity: number): TimedFault[] {
  const faults: TimedFault[] = [];
  const fromMs = window * PLAN_WINDOW_MS;
  const meanMs = MEAN_INTERVAL_MS[faultClass] / intensity;
  if (faultClass === "network") faults.push(...draw.background(fromMs));
  if (faultClass === "disk") faults.push(...draw.slowDisks(fromMs));
  if (!(meanMs < Infinity)) return faults;
  for (let atMs = draw.next(fromMs, meanMs); atMs < fromMs + PLAN_WINDOW_MS; atMs = draw.next(atMs, meanMs)) {
    faults.push(draw.fault(faultClass, atMs));
  }
  return faults;
}

/** Draws the faults of one class and window. */
class FaultDraw {
  readonly #stream: RandomStream;
  readonly #scenario: Scenario;
  readonly #electionTimeoutMs: number;

  constructor(scenario: Scenario, stream: RandomStream) {
    this.#scenario = scenario;
    this.#stream = stream;
    this.#electionTimeoutMs = scenario.raft?.electionTimeoutMs ?? DEFAULT_OPTIONS.electionTimeoutMs;
  }

  next(afterMs: number, meanMs: number): number {
    return afterMs + whole(this.#stream.exponential(meanMs)) + 1;
  }

  /** A network is never quite clean. */
  background(atMs: number): readonly TimedFault[] {
    const stream = this.#stream;
    const rate = (most: number): number => whole(stream.float() * most * 10_000) / 10_000;
    return [
      { kind: "loss", atMs, durationMs: PLAN_WINDOW_MS, rate: rate(0.02) },
      { kind: "duplication", atMs, durationMs: PLAN_WINDOW_MS, rate: rate(0.02) },
      { kind: "reordering", atMs, durationMs: PLAN_WINDOW_MS, rate: rate(0.05) },
    ];
  }

  /** Some disks are slower than the network, so that what is durable lags behind what is known. */
  slowDisks(atMs: number): readonly TimedFault[] {
    const count = this.#stream.integer(0, this.#scenario.nodes - 1);
    return Array.from({ length: count }, (): TimedFault => {
      const node = `voter:${this.#stream.integer(0, 999)}`;
      const part = this.#stream.float();
      // Squared, so that most are a little slow and few very.
      const syncMs = 1 + whole(part * part * 60);
      const startMs = atMs + whole(this.#stream.float() * PLAN_WINDOW_MS);
      return {
        kind: "slowDisk",
        atMs: startMs,
        durationMs: whole(this.#stream.float() * PLAN_WINDOW_MS),
        node,
        syncMs,
      };
    });
  }

  fault(faultClass: FaultClass, atMs: number): TimedFault {
    switch (faultClass) {
      case "network":
        return this.#network(atMs);
      case "crash":
        return this.#crash(atMs);
      case "disk":
        return this.#disk(atMs);
      case "clock":
        return this.#clock(atMs);
      case "membership":
        return this.#membership(atMs);
    }
  }

  /** Downtimes must lie on both sides of the election timeout, or a simulator proves little. */
  #durationMs(): number {
    const timeoutMs = this.#electionTimeoutMs;
    const place = this.#stream.float();
    const part = this.#stream.float();
    if (place < 0.3) return whole(timeoutMs * (0.1 + 0.9 * part));
    if (place < 0.7) return whole(timeoutMs * (1 + 2 * part));
    return whole(timeoutMs * (3 + 12 * part));
  }

  #node(): NodeChoice {
    const toLeader = this.#stream.chance(0.4);
    const place = this.#stream.integer(0, 999);
    return toLeader ? "leader" : `voter:${place}`;
  }

  /** Some distinct places among the members. */
  #side(): NodeChoice[] {
    const count = this.#stream.integer(1, Math.max(1, this.#scenario.nodes - 1));
    const from = this.#stream.integer(0, 999);
    const withLeader = this.#stream.chance(0.5);
    const side = Array.from({ length: count }, (_, i): NodeChoice => `follower:${from + i}`);
    return withLeader ? ["leader", ...side.slice(1)] : side;
  }

  #network(atMs: number): TimedFault {
    const durationMs = this.#durationMs();
    const stream = this.#stream;
    const rate = whole(20 + stream.float() * 60) / 100;
    const kind = stream.float();
    const [from, to] = [this.#node(), this.#node()];
    const whenBusy = stream.chance(0.5);
    if (kind < 0.35) return { kind: "partition", atMs, durationMs, side: this.#side(), whenBusy };
    if (kind < 0.55) return { kind: "partition", atMs, durationMs, side: this.#side(), oneWay: true };
    if (kind < 0.7) return { kind: "bridge", atMs, durationMs, bridge: this.#node(), side: this.#side() };
    if (kind < 0.8)
      return { kind: "slowLink", atMs, durationMs, extraDelayMs: whole(5 + stream.float() * 200), from, to };
    if (kind < 0.9) return { kind: "loss", atMs, durationMs, rate };
    if (kind < 0.95) return { kind: "duplication", atMs, durationMs, rate };
    return { kind: "reordering", atMs, durationMs, rate };
  }

  #crash(atMs: number): TimedFault {
    const durationMs = this.#durationMs();
    const kind = this.#stream.float();
    const node = this.#node();
    const whenBusy = this.#stream.chance(0.5);
    if (kind < 0.08) return { kind: "clusterCrash", atMs, durationMs };
    if (kind < 0.4) return { kind: "pause", atMs, durationMs, node };
    return { kind: "crash", atMs, durationMs, node, whenBusy };
  }

  #disk(atMs: number): TimedFault {
    const durationMs = this.#durationMs();
    const kind = this.#stream.float();
    const node = this.#node();
    if (kind < 0.4) return { kind: "crash", atMs, durationMs, node, unsynced: "lose" };
    if (kind < 0.48) return { kind: "clusterCrash", atMs, durationMs, unsynced: "lose" };
    if (kind < 0.62) return { kind: "diskError", atMs, durationMs, node };
    if (kind < 0.74) return { kind: "fullDisk", atMs, durationMs, node };
    if (kind < 0.92) return { kind: "diskStall", atMs, durationMs, node };
    return { kind: "bitRot", atMs, node };
  }

  /** With leases on, clocks keep to the bound that leases are built on. */
  #clock(atMs: number): TimedFault {
    const durationMs = this.#durationMs() + 1_000;
    const kind = this.#stream.float();
    const part = this.#stream.float();
    const node = this.#node();
    const leases = this.#scenario.raft?.leaseReads === true;
    if (kind < 0.4 && !leases) {
      const far = this.#stream.chance(0.2) ? 30_000 : 2 * this.#electionTimeoutMs;
      return { kind: "clockSkew", atMs, node, skewMs: whole(1 + part * far) };
    }
    const most = leases ? (this.#scenario.raft.maxClockDriftRatio ?? DEFAULT_OPTIONS.maxClockDriftRatio) / 2.5 : 0.25;
    return { kind: "clockDrift", atMs, durationMs, node, rate: 1 + whole((2 * part - 1) * most * 1_000) / 1_000 };
  }

  #membership(atMs: number): TimedFault {
    const kind = this.#stream.float();
    const node = this.#node();
    const to = `follower:${this.#stream.integer(0, 999)}`;
    if (kind < 0.25) return { kind: "replaceMember", atMs, node };
    // Fewer join than leave, as some removals are left out: so the cluster stays about as large as it was.
    if (kind < 0.38) return { kind: "addMember", atMs };
    if (kind < 0.52) return { kind: "promote", atMs };
    if (kind < 0.6) return { kind: "demote", atMs, node };
    if (kind < 0.8) return { kind: "removeMember", atMs, node };
    return { kind: "transferLeadership", atMs, to };
  }
}

/** Rounded down: scenarios are for people to read. */
function whole(value: number): number {
  return Math.floor(value);
}
