import { drawScenario, shrinkScenario, simulate, type CheckName, type Scenario } from "@balsa/sim";

/** What one process is to do. Given to it as JSON. */
export interface Hunt {
  /** Without a seed; null: the swarm's scenario of each seed. */
  readonly scenario: Omit<Scenario, "seed"> | null;
  readonly firstSeed: number;
  readonly lastSeed: number;
  /** Processor time for shrinking what was found; 0: it isn't shrunk. */
  readonly shrinkSeconds: number;
}

export interface Found {
  readonly seed: number;
  readonly check: string;
  readonly message: string;
  readonly huntSeconds: number;
  readonly shrunk: {
    readonly faults: number | null;
    readonly commands: number | null;
    readonly reads: number | null;
    readonly nodes: number;
    readonly runs: number;
    readonly isMinimal: boolean;
    readonly seconds: number;
    readonly scenario: Scenario;
  } | null;
}

/** Processor time, for other processes must not make a hunt look longer, or a limit shorter. */
function seconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

// Runs seeds until one is violated, in a process of its own: the patched packages must not meet those that are being tested.
function hunt({ scenario, firstSeed, lastSeed, shrinkSeconds }: Hunt): Found | null {
  for (let seed = firstSeed; seed <= lastSeed; seed += 1) {
    const failing = scenario === null ? drawScenario("swarm", seed) : { ...scenario, seed };
    const [violation] = simulate(failing).violations;
    if (violation === undefined) continue;
    const { check, message } = violation;
    const huntSeconds = seconds();
    if (shrinkSeconds === 0) return { seed, check, message, huntSeconds, shrunk: null };
    const limit = huntSeconds + shrinkSeconds;
    const { size, runs, isMinimal, ...result } = shrinkScenario(failing, check as CheckName, {
      maxRuns: Infinity,
      shouldStop: () => seconds() > limit,
    });
    const { faults, commands, reads, nodes } = size;
    const took = seconds() - huntSeconds;
    const shrunk = { faults, commands, reads, nodes, runs, isMinimal, seconds: took, scenario: result.scenario };
    return { seed, check, message, huntSeconds, shrunk };
  }
  return null;
}

process.stdout.write(JSON.stringify(hunt(JSON.parse(process.argv[2] ?? "") as Hunt)));
