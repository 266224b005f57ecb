import { FAULT_CLASSES, type FaultClass, type MachineName } from "@balsa/sim";
import { parseDuration, writeDuration } from "../duration.js";
import { suggest } from "../suggest.js";
import { badArgument, UsageError } from "../usageError.js";

/** The flags of `balsa sim`, as commander hands them over after the functions below have read them. */
export interface SimFlags {
  readonly seed?: number;
  readonly nodes?: number;
  readonly machine?: MachineName;
  readonly commands?: number;
  readonly input?: string;
  readonly faults?: readonly FaultClass[];
  readonly duration?: number;
  readonly json?: boolean;
  readonly trace?: string;
  readonly quiet?: boolean;
}

export const MAX_SEED = 4_294_967_295;
const MAX_NODES = 9;
const MAX_COMMANDS = 1_000_000_000;

export function readSeed(text: string): number {
  return wholeNumber("--seed", text, 0, MAX_SEED);
}

export function readNodes(text: string): number {
  return wholeNumber("--nodes", text, 1, MAX_NODES);
}

export function readCommands(text: string): number {
  return wholeNumber("--commands", text, 0, MAX_COMMANDS);
}

export function readDuration(text: string): number {
  return parseDuration(text, "--duration");
}

export function readMachine(text: string): MachineName {
  if (text === "counter" || text === "kv") return text;
  throw badArgument("--machine", text, "counter or kv");
}

/** The classes that `--faults` names, in the order of `FAULT_CLASSES` whatever order they were given in. */
export function readFaults(text: string): readonly FaultClass[] {
  if (text === "none") return [];
  if (text === "all") return FAULT_CLASSES;
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (FAULT_CLASSES.some((known) => known === name)) continue;
    const near = suggest(name, FAULT_CLASSES);
    const hint = near === null ? "" : ` (did you mean ${near}?)`;
    const choice = `none, all, or a comma-separated choice of ${FAULT_CLASSES.join(", ")}`;
    throw badArgument("--faults", text, `${choice}${hint}`);
  }
  return FAULT_CLASSES.filter((known) => names.includes(known));
}

export function readPath(argument: string): (text: string) => string {
  return (text) => {
    if (text === "") throw badArgument(argument, text, "the name of a file");
    return text;
  };
}

/** @throws UsageError for flags that contradict each other. */
export function checkTogether(flags: SimFlags): void {
  if (flags.input !== undefined && flags.commands !== undefined) {
    throw conflict("--commands", "--input: commands are either made up or read");
  }
  if (flags.input !== undefined && flags.duration !== undefined) {
    throw conflict("--duration", "--input: the run lasts until the input is done");
  }
  if (flags.trace === "-") {
    throw badArgument("--trace", "-", "the name of a file, for standard output belongs to the report");
  }
}

function conflict(argument: string, why: string): UsageError {
  return new UsageError("BAD_ARGUMENT", `${argument} can't be given together with ${why}.`, { argument });
}

function wholeNumber(argument: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(number >= least && number <= most)) {
    throw badArgument(argument, text, `a whole number from ${String(least)} to ${String(most)}`);
  }
  return number;
}

/** Text as one word of a shell's command line. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command that makes the same run again: the same scenario and flags, with the seed that was drawn. */
export function replayCommand(
  program: string,
  scenarioPath: string | undefined,
  flags: SimFlags,
  seed: number,
): string {
  const parts = [program, "sim"];
  if (scenarioPath !== undefined) parts.push(shellWord(scenarioPath));
  parts.push("--seed", String(seed));
  if (flags.nodes !== undefined) parts.push("--nodes", String(flags.nodes));
  if (flags.machine !== undefined) parts.push("--machine", flags.machine);
  if (flags.commands !== undefined) parts.push("--commands", String(flags.commands));
  if (flags.input !== undefined) parts.push("--input", shellWord(flags.input));
  if (flags.faults !== undefined) parts.push("--faults", nameFaults(flags.faults));
  if (flags.duration !== undefined) parts.push("--duration", writeDuration(flags.duration));
  const command = parts.join(" ");
  return flags.input === "-" ? `${command}   (with the same standard input)` : command;
}

function nameFaults(classes: readonly FaultClass[]): string {
  if (classes.length === 0) return "none";
  return classes.length === FAULT_CLASSES.length ? "all" : classes.join(",");
}
