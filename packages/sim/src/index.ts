export type { CommandSource, NextCommand, WorkloadCommand } from "./world/commandSource.js";
export type { RunLimit, RunState, Simulation, SimulationHooks } from "./world/simulation.js";
export { createSimulation, simulate } from "./world/simulate.js";
export type { Program, ProgramClient, ProgramProcess, ProgramWorld } from "./program/program.js";
export type * from "./report/traceEvent.js";
export { formatDuration } from "./report/formatDuration.js";
export {
  FAULT_COUNT_NAMES,
  MAX_LISTED_FAULTS,
  summarize,
  type FaultCountName,
  type FaultCounts,
  type FinalState,
  type InjectedFault,
  type KeyValueDigest,
  type LaneSegment,
  type LaneState,
  type LatencySummary,
  type MachineState,
  type MessageCounts,
  type SimulationReport,
  type SimulationSummary,
  type TimelineLane,
  type Violation,
} from "./report/report.js";
export {
  KEY_VALUE_COMMAND_NAMES,
  type FaultPlan,
  type KeyValueCommandName,
  type LivenessBounds,
  type MachineName,
  type ReplicaSettings,
  type Scenario,
  type Workload,
} from "./scenario/scenario.js";
export { FAULT_CLASSES } from "./scenario/timedFault.js";
export type * from "./scenario/timedFault.js";
export type { DropReason } from "./network/delivery.js";
export { expandScenario } from "./faults/expandScenario.js";
export { CHECK_NAMES, type CheckName } from "./invariants/checks.js";
export { DEMONSTRATION, TEACHING_SCENARIOS } from "./scenario/presets.js";
export { ScenarioError } from "./scenario/scenarioError.js";
export { scenarioJsonSchema } from "./scenario/scenarioJsonSchema.js";
export { validateScenario } from "./scenario/validateScenario.js";
export { CampaignCoverage, Coverage } from "./coverage/coverage.js";
export { SITUATIONS, type Situation, type SituationName } from "./coverage/situations.js";
export { RecordingChecks, type RecordedViolation } from "./recording/recordingChecks.js";
export { replayRecording, type Replay, type ReplayDifference } from "./recording/replayRecording.js";
export { drawScenario } from "./campaign/drawScenario.js";
export { PROFILE_DESCRIPTIONS, PROFILES, type ProfileName } from "./campaign/profile.js";
export type * from "./scenario/timedRequest.js";
export { NotFailingError, shrinkScenario, type ShrunkScenario } from "./shrinking/shrinkScenario.js";
export { type ScenarioSize } from "./shrinking/scenarioSize.js";
export { type ShrinkOptions, type ShrinkProgress } from "./shrinking/shrinkSearch.js";
export * from "./hosts/index.js";
