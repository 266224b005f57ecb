import type { NodeId } from "@balsa/core";
import type { MemberRecorder } from "@balsa/replica";
import type { Coverage } from "../coverage/coverage.js";
import type { Program } from "../program/program.js";
import type { Scenario } from "../scenario/scenario.js";
import type { SimulationReport } from "../report/report.js";
import type { SimulationPhase, TraceEvent } from "../report/traceEvent.js";
import type { TimedRequest } from "../scenario/timedRequest.js";
import type { CommandSource } from "./commandSource.js";

export interface SimulationHooks {
  /** Told of everything that happens, in order. Without it no event is made, which is much faster. */
  readonly onTrace?: (event: TraceEvent) => void;
  /** Where to note which situations the run gets into. Without it nothing looks for them. */
  readonly coverage?: Coverage;
  /** Where the commands come from, in place of the workload's clients. */
  readonly commands?: CommandSource;
  /** A service with a state machine of its own, in place of the workload's clients and of the scenario's machine. */
  readonly program?: Program;
  /** Told of each request that is drawn, so that it can be listed: the list then runs exactly as the drawn ones did. */
  readonly onRequest?: (request: TimedRequest) => void;
  /** Makes the recorder of a member each time that its process starts. Without it nothing is recorded. */
  readonly recorder?: (id: NodeId) => MemberRecorder;
}

/** Where `run` stops; at the first that is reached. Without any it runs to the end. */
export interface RunLimit {
  readonly maxSteps?: number;
  readonly untilMs?: number;
}

/** `needsInput`: the source of commands said `wait`; call again when it has something. */
export type RunState = "running" | "needsInput" | "done";

export interface Simulation {
  readonly scenario: Scenario;
  readonly timeMs: number;
  readonly steps: number;
  readonly phase: SimulationPhase;
  readonly commandsSubmitted: number;
  readonly commandsCommitted: number;
  /** Goes on. Synchronous, so the caller decides when to look up and show progress. */
  run(limit?: RunLimit): RunState;
  /** How things stand; final once `run` has returned `done`. */
  report(): SimulationReport;
}
