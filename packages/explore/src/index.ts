export { BUDGET_NAMES, CHANGE_KINDS, completeBounds, type Bounds, type BudgetName, type ChangeKind } from "./bounds.js";
export { BoundsError } from "./boundsError.js";
export { RULE_NAMES, type RuleName, type Violation } from "./rules/rule.js";
export {
  DEFAULT_MAX_STATES,
  Exploration,
  type ExplorationReport,
  type ExplorationStatus,
} from "./search/exploration.js";
export type { Trace } from "./trace/trace.js";
export { describeAction, type TraceAction } from "./trace/traceAction.js";
export type { TraceStep } from "./trace/walk.js";
export {
  exploredScenario,
  isExploredScenario,
  validateExploredScenario,
  type ExploredScenario,
} from "./trace/exploredScenario.js";
export { ExploredScenarioError } from "./trace/exploredScenarioError.js";
export { replay, type Replay } from "./trace/replay.js";
