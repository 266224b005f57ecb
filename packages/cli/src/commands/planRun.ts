import { FAULT_CLASSES, type Scenario } from "@balsa/sim";
import { UsageError } from "../usageError.js";
import type { SimFlags } from "./simArguments.js";

const STANDARD_DURATION_MS = 60_000;

/**
 * The scenario of a run: the one given, or a standard one (5 nodes, `kv`, all faults, 60 s), with what the flags say in
 * place of its own fields.
 */
export function planRun(given: Scenario | null, flags: SimFlags, drawSeed: () => number): Scenario {
  const base: Scenario = given ?? {
    version: 1,
    seed: flags.seed ?? drawSeed(),
    nodes: 5,
    machine: "kv",
    faults: { classes: FAULT_CLASSES },
    ...(flags.commands === undefined && flags.input === undefined ? { durationMs: STANDARD_DURATION_MS } : {}),
  };
  const flagged: Scenario = {
    ...base,
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    ...(flags.nodes === undefined ? {} : { nodes: flags.nodes }),
    ...(flags.machine === undefined ? {} : { machine: flags.machine }),
    ...(flags.faults === undefined ? {} : { faults: flags.faults.length === 0 ? [] : { classes: flags.faults } }),
    ...(flags.duration === undefined ? {} : { durationMs: flags.duration }),
    ...(flags.commands === undefined ? {} : { workload: { ...base.workload, commands: flags.commands } }),
  };
  return flags.input === undefined ? flagged : withoutOwnEnd(flagged);
}

/** @throws UsageError for a run of made-up commands that would never end. */
export function checkEnd({ durationMs, workload }: Scenario, path: string): void {
  if (durationMs !== undefined || workload?.commands !== undefined) return;
  const expected = "durationMs or workload.commands in the scenario, or --duration, --commands or --input beside it";
  const place = { argument: "SCENARIO.json", expected };
  throw new UsageError("BAD_SCENARIO", `${path}: nothing says when the run ends; it needs ${expected}.`, place);
}

/** With `--input` the run lasts until the input is done, whatever the scenario says. */
function withoutOwnEnd(scenario: Scenario): Scenario {
  const { durationMs: _durationMs, workload, ...rest } = scenario;
  if (workload === undefined) return rest;
  const { commands: _commands, ...otherWorkload } = workload;
  return { ...rest, workload: otherWorkload };
}
