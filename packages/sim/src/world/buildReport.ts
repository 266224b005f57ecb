import type { NodeId } from "@balsa/core";
import { isTimedFaults } from "../faults/expandScenario.js";
import { roundMs, type FinalState, type SimulationReport } from "../report/report.js";
import type { Scenario } from "../scenario/scenario.js";
import type { ClusterNode } from "./clusterNode.js";
import type { SimulationRun } from "./simulationRun.js";

/** Puts together what is told of a run. */
export function buildReport(run: SimulationRun): SimulationReport {
  const { scenario, world, ledger, cluster, violations } = run;
  const { checker, tally, digest, network, timeline } = world;
  const { commandsSubmitted, commandsCommitted, readsAnswered, outcomesUnknown } = ledger;
  const { sent, delivered, dropped, duplicated } = network.counters;
  return {
    ok: violations.length === 0 && run.phase === "done" && run.inputError === null,
    seed: scenario.seed,
    digest: digest.hex(),
    nodes: scenario.nodes,
    simulatedMs: roundMs(run.timeMs),
    wallMs: 0,
    leaderElections: checker.leaderElections,
    commandsSubmitted,
    commandsCommitted,
    messages: { sent, delivered, dropped, duplicated },
    faults: { ...tally.counts },
    checks: { ...checker.counts },
    violations: violations.map((violation) => ({ ...violation, timeMs: roundMs(violation.timeMs) })),
    linearizable: run.linearizable,
    finalStates: Array.from(cluster.nodes.values(), (node) => finalState(run, node)),
    scenario,
    steps: run.steps,
    faultsEndedMs: roundMs(run.faultsEndedMs),
    recoveredAfterMs: run.recoveredAfterMs === null ? null : roundMs(run.recoveredAfterMs),
    readsAnswered,
    outcomesUnknown,
    commandLatency: ledger.commandLatency.summary(),
    readLatency: ledger.readLatency.summary(),
    injected: tally.listed.map(({ atMs, untilMs, ...rest }) => {
      return { ...rest, atMs: roundMs(atMs), untilMs: untilMs === null ? null : roundMs(untilMs) };
    }),
    faultsNotStruck: Math.max(0, faultsListed(scenario) - tally.struck),
    timeline: timeline.lanes(run.timeMs),
    lanesOmitted: timeline.lanesOmitted,
    inputError: run.inputError,
  };
}

function faultsListed({ faults = [] }: Scenario): number {
  return isTimedFaults(faults) ? faults.length : 0;
}

function finalState(run: SimulationRun, node: ClusterNode): FinalState {
  const { id, record, replica, machine } = node;
  const state = machine === null ? null : run.world.kit.stateOf(machine.inner);
  return {
    id,
    role: roleOf(run, node),
    term: replica?.raft.term ?? record.term,
    commitIndex: replica?.raft.commitIndex ?? record.commitIndex,
    lastApplied: record.appliedIndex,
    machine: state,
  };
}

function roleOf(run: SimulationRun, node: ClusterNode): FinalState["role"] {
  const { voters, votersOutgoing, learners } = run.cluster.configuration();
  const has = (ids: readonly NodeId[]): boolean => ids.includes(node.id);
  if (!has(voters) && !has(votersOutgoing) && !has(learners)) return "removed";
  if (node.replica === null) return "down";
  return has(learners) ? "learner" : node.replica.raft.role;
}
