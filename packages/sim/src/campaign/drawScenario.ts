import type { FaultPlan, LivenessBounds, Scenario } from "../scenario/scenario.js";
import { FAULT_CLASSES } from "../scenario/timedFault.js";
import { MAX_NODES } from "../scenario/scenarioShape.js";
import { Draw } from "./draw.js";
import { drawFaultPlan, paceFor } from "./drawFaultPlan.js";
import { drawRaftOptions, drawReplicaSettings, drawTinyLog, drawWorkload } from "./drawSettings.js";
import type { ProfileName } from "./profile.js";

const USUAL_DURATION_MS = 30_000;
/** A run lasts about so many election timeouts, within bounds that keep it cheap. */
const DURATION_ELECTION_TIMEOUTS = 100;
const SHORTEST_DURATION_MS = 10_000;
const LONGEST_DURATION_MS = 120_000;
/** Beyond this the search for an order of all operations costs more than more seeds do. */
const MOST_COMMANDS_EXPECTED = 3_000;

/**
 * The scenario of one seed of a campaign: a function of both, complete, and to be replayed by itself. Each choice comes
 * from a stream of its own.
 *
 * @param seed 0 to 4,294,967,295; it also decides the run
 */
export function drawScenario(profile: ProfileName, seed: number): Scenario {
  const draw = new Draw(seed);
  const common = { version: 1, name: `${profile}-${seed}`, seed } as const;
  const usual = { ...common, nodes: 5, machine: "kv", durationMs: USUAL_DURATION_MS } as const;
  const nodes = drawNodes(draw);
  switch (profile) {
    case "gentle":
      return { ...usual, faults: { classes: ["network", "crash"], intensity: 0.3 } };
    case "usual":
      return { ...usual, faults: { classes: FAULT_CLASSES } };
    case "network":
      return { ...usual, nodes, faults: { classes: ["network"], intensity: 3 } };
    case "storage":
      return {
        ...usual,
        nodes,
        raft: { logTailEntries: draw.whole("raft/logTailEntries", 0, 32) },
        replica: { snapshotEveryBytes: draw.scale("replica/snapshotEveryBytes", 256, 8_192), segmentBytes: 4_096 },
        workload: { ratePerSecond: 40 },
        faults: { classes: ["crash", "disk"], intensity: 2.5 },
      };
    case "membership":
      return {
        ...usual,
        nodes,
        faults: { classes: ["membership", "crash", "network"], intensities: { membership: 4 } },
      };
    case "leases":
      return {
        ...usual,
        nodes,
        raft: { leaseReads: true, maxClockDriftRatio: draw.part("raft/maxClockDriftRatio", 0.02, 0.5) },
        workload: { readsPerCommand: 3 },
        faults: { classes: ["clock", "network", "crash", "membership"], intensities: { clock: 4 } },
      };
    case "resting":
      return {
        ...usual,
        nodes,
        raft: {
          restAfterMs: draw.scale("raft/restAfterMs", 300, 1_200),
          restingHeartbeatIntervalMs: draw.scale("raft/restingHeartbeatIntervalMs", 200, 1_600),
          leaseReads: draw.chance("raft/leaseReads", 0.5),
        },
        workload: { clients: 3, ratePerSecond: 1, readsPerCommand: 1 },
        faults: { classes: FAULT_CLASSES, intensity: 0.5 },
      };
    case "everything":
      return drawAll(draw, common, (electionTimeoutMs) => {
        return { classes: FAULT_CLASSES, intensity: 4 * paceFor(electionTimeoutMs) };
      });
    case "swarm":
      return drawAll(draw, common, (electionTimeoutMs) => drawFaultPlan(draw, electionTimeoutMs));
  }
}

function drawAll(
  draw: Draw,
  common: Pick<Scenario, "version" | "name" | "seed">,
  drawFaults: (electionTimeoutMs: number) => FaultPlan,
): Scenario {
  const tinyLog = drawTinyLog(draw);
  const raft = { ...drawRaftOptions(draw), ...tinyLog.raft };
  const workload = drawWorkload(draw);
  const { electionTimeoutMs = 0 } = raft;
  const mostMs = Math.max(SHORTEST_DURATION_MS, (MOST_COMMANDS_EXPECTED * 1_000) / (workload.ratePerSecond ?? 1));
  const wantedMs = Math.max(SHORTEST_DURATION_MS, electionTimeoutMs * DURATION_ELECTION_TIMEOUTS);
  return {
    ...common,
    nodes: drawNodes(draw),
    machine: draw.chance("machine/counter", 0.15) ? "counter" : "kv",
    raft,
    replica: { ...drawReplicaSettings(draw, workload.clients), ...tinyLog.replica },
    workload,
    faults: drawFaults(electionTimeoutMs),
    durationMs: Math.floor(Math.min(wantedMs, mostMs, LONGEST_DURATION_MS)),
    liveness: boundsFor(electionTimeoutMs, workload.requestTimeoutMs ?? 0),
  };
}

/** Most clusters have 3 or 5 members; but all sizes have their own corners. */
function drawNodes(draw: Draw): number {
  return draw.chance("nodes/usual", 0.5) ? draw.pick("nodes/few", [3, 5]) : draw.whole("nodes/any", 1, MAX_NODES);
}

/**
 * The usual bounds, and beyond them what clients take to find the one who leads: they wait out a request at each member
 * that is cut off. Tiny pipelines and chunks need their time, too.
 */
function boundsFor(electionTimeoutMs: number, requestTimeoutMs: number): LivenessBounds {
  return {
    serveWithinMs: 30 * electionTimeoutMs + MAX_NODES * requestTimeoutMs,
    catchUpWithinMs: 100 * electionTimeoutMs + 30_000 + MAX_NODES * requestTimeoutMs,
  };
}
