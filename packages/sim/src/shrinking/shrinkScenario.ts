import { expandScenario, isTimedFaults } from "../faults/expandScenario.js";
import type { CheckName } from "../invariants/checks.js";
import type { SimulationReport, Violation } from "../report/report.js";
import type { Scenario } from "../scenario/scenario.js";
import { simulate } from "../world/simulate.js";
import { moveEarlier } from "./moveEarlier.js";
import { cutDuration, dropNodes, listRequests, makeCheap, thinOutFaults, thinOutRequests } from "./passes.js";
import { keepTheLastRequests, tryLongCommands, trySeeds } from "./reseed.js";
import { scenarioSize, type ScenarioSize } from "./scenarioSize.js";
import { ShrinkSearch, type ShrinkOptions } from "./shrinkSearch.js";
import { simplifyFaults } from "./simplerFaults.js";
import { dropSettings, simplifyRequests } from "./simplerSettings.js";

export interface ShrunkScenario {
  /** Lists its faults and requests, ends just behind the violation, and replays to it. */
  readonly scenario: Scenario;
  readonly violation: Violation;
  readonly size: ScenarioSize;
  /** Of the scenario as it was given. */
  readonly originalSize: ScenarioSize;
  /** How many scenarios were run, this one's first and last run included. */
  readonly runs: number;
  /** Nothing could be reduced any further; false where the budget ended the search. */
  readonly isMinimal: boolean;
}

/** The scenario that was to be shrunk does not fail, or fails another check. */
export class NotFailingError extends Error {
  readonly code = "NOT_FAILING";
  override readonly name = "NotFailingError";

  constructor(check: CheckName, found: Violation | undefined) {
    const instead = found === undefined ? "nothing is violated" : `${found.check} is violated`;
    super(`The scenario can't be shrunk for ${check}: when it runs, ${instead}. Give the check that its run reports.`);
  }
}

const PASSES: readonly (readonly [name: string, pass: (search: ShrinkSearch) => void])[] = [
  ["duration", makeCheap],
  ["faults", thinOutFaults],
  ["duration", cutDuration],
  ["commands", listRequests],
  ["commands", keepTheLastRequests],
  ["commands", thinOutRequests],
  ["faults", thinOutFaults],
  ["nodes", dropNodes],
  ["luck", trySeeds],
  ["commands", tryLongCommands],
  ["waiting", moveEarlier],
  ["settings", dropSettings],
  ["rates", simplifyFaults],
  ["requests", simplifyRequests],
];

/**
 * Reduces a failing scenario while the same check fails: faults, nodes, commands, duration, settings, and at last rates.
 * Where less can be had for it, the result has another seed. It uses no clock; `shouldStop` is for a limit in time.
 * @throws NotFailingError when the first violation of `failing` isn't one of `check`
 * @throws ScenarioError when the scenario makes no sense
 */
export function shrinkScenario(failing: Scenario, check: CheckName, options: ShrinkOptions = {}): ShrunkScenario {
  const first = simulate(failing);
  const [violation] = first.violations;
  if (violation?.check !== check) throw new NotFailingError(check, violation);
  const search = new ShrinkSearch(failing, check, violation, first.steps, options);
  search.pass = "duration";
  search.attempt(listed(failing, violation, first));
  const isMinimal = reduce(search);
  return {
    ...replayed(search, failing),
    originalSize: scenarioSize(failing),
    runs: search.runs + 2,
    isMinimal,
  };
}

/** With an end of its own and every fault written out; it runs as the other did, as far as that matters. */
function listed(failing: Scenario, violation: Violation, { faultsEndedMs }: SimulationReport): Scenario {
  const endMs = faultsEndedMs > 0 ? Math.ceil(faultsEndedMs) : Math.floor(violation.timeMs) + 1;
  const durationMs = Math.min(failing.durationMs ?? endMs, endMs);
  const { faults = [], ...all } = expandScenario({ ...failing, durationMs });
  return { ...all, durationMs, faults: isTimedFaults(faults) ? faults.filter(({ atMs }) => atMs < durationMs) : [] };
}

/** Goes through the passes until there is nothing less in the scenario than before; false when the budget ended it. */
function reduce(search: ShrinkSearch): boolean {
  for (;;) {
    const before = countParts(search.best);
    for (const [name, pass] of PASSES) {
      search.pass = name;
      pass(search);
      if (search.isSpent) return false;
    }
    if (countParts(search.best) === before) return true;
  }
}

/** All that there is one by one: nodes, faults, requests. Null where something is drawn yet. */
function countParts(scenario: Scenario): number | null {
  const { nodes, faults, commands, reads } = scenarioSize(scenario);
  return faults === null || commands === null || reads === null ? null : nodes + faults + commands + reads;
}

/** What is handed out has been through a file, as it will be, and fails there. */
function replayed(search: ShrinkSearch, failing: Scenario): Pick<ShrunkScenario, "scenario" | "violation" | "size"> {
  const scenario = JSON.parse(JSON.stringify(search.best)) as Scenario;
  const [violation] = simulate(scenario).violations;
  if (violation?.check !== search.check) {
    throw new Error(`a shrunk scenario of seed ${failing.seed} does not replay; please report this as a bug`);
  }
  return { scenario, violation, size: scenarioSize(scenario) };
}
