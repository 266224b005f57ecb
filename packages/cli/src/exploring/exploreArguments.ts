import { Option, type Command } from "commander";
import {
  CHANGE_KINDS,
  DEFAULT_MAX_STATES,
  RULE_NAMES,
  type Bounds,
  type BudgetName,
  type ChangeKind,
  type RuleName,
} from "@balsa/explore";
import { suggest } from "../suggest.js";
import { badArgument } from "../usageError.js";

/** The flags of `balsa explore`, as commander hands them over after the functions below have read them. */
export interface ExploreFlags extends Partial<Record<BudgetName, number>> {
  readonly nodes?: number;
  readonly spares?: number;
  readonly terms?: number;
  readonly inFlight?: number;
  readonly appendEntries?: number;
  readonly disk?: Bounds["disk"];
  readonly start?: Bounds["start"];
  readonly changeKinds?: readonly ChangeKind[];
  readonly rules?: readonly RuleName[];
  readonly preVote?: boolean;
  readonly checkQuorum?: boolean;
  readonly stickiness?: boolean;
  readonly symmetry: boolean;
  readonly maxStates: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

const MOST_STATES = 500_000_000;

const NUMBERS: readonly (readonly [flag: string, least: number, most: number, meaning: string])[] = [
  ["--nodes", 1, 5, "members that found the cluster (default: 3)"],
  ["--spares", 0, 5, "nodes that may be added to it (default: 0)"],
  ["--terms", 1, 15, "terms that may be begun (default: 2)"],
  ["--commands", 0, 15, "commands proposed (default: 1)"],
  ["--crashes", 0, 15, "crashes, each with a restart (default: 0)"],
  ["--drops", 0, 15, "messages lost (default: 0; one never delivered needs none)"],
  ["--duplicates", 0, 15, "messages that arrive twice (default: 0)"],
  ["--late", 0, 15, "messages that arrive in a later term than theirs (default: 0)"],
  ["--heartbeats", 0, 15, "rounds of heartbeats (default: 0)"],
  ["--changes", 0, 15, "membership changes asked for (default: 0)"],
  ["--compactions", 0, 15, "snapshots taken (default: 0)"],
  ["--in-flight", 1, 64, "messages on their way at once (default: 8)"],
  ["--append-entries", 1, 64, "entries in one append (default: 1)"],
];

export function addExploreFlags(command: Command): Command {
  for (const [flag, least, most, meaning] of NUMBERS) {
    command.option(`${flag} <n>`, meaning, (text: string) => wholeNumber(flag, text, least, most));
  }
  return command
    .addOption(choice("--disk <kind>", ["lazy", "instant"], "lazy: a crash may lose writes (default with crashes)"))
    .addOption(choice("--start <kind>", ["founded", "led"], "led: n1 leads, and all know (default: founded)"))
    .option(
      "--change-kinds <list>",
      `of ${CHANGE_KINDS.join(",")} (default: all)`,
      listOf("--change-kinds", CHANGE_KINDS),
    )
    .option("--rules <list>", "what is checked (default: all)", listOf("--rules", RULE_NAMES))
    .option("--pre-vote", "with pre-votes")
    .option("--check-quorum", "with leaders that step down without a quorum")
    .option("--stickiness", "with voters that stick to a leader")
    .option("--no-symmetry", "tell states apart that differ only in who is who")
    .option("--max-states <n>", "give up beyond so many", readMaxStates, DEFAULT_MAX_STATES)
    .option("--out <file>", "write a violation as a scenario for balsa sim", readOut)
    .option("--json", "print one JSON document instead of the report")
    .option("--quiet", "print the verdict only");
}

/** What the flags say of the world. */
export function boundsOf(flags: ExploreFlags): Partial<Bounds> {
  const { maxStates: _maxStates, out: _out, json: _json, quiet: _quiet, stickiness, ...bounds } = flags;
  return { ...bounds, ...(stickiness === undefined ? {} : { leaderStickiness: stickiness }) };
}

/** The flag that sets a bound. */
export function flagOf(bound: string): string {
  if (bound === "leaderStickiness") return "--stickiness";
  return `--${bound.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function choice(flags: string, choices: readonly string[], meaning: string): Option {
  const [name = ""] = flags.split(" ");
  return new Option(flags, meaning).argParser((text: string) => {
    if (!choices.includes(text)) throw badArgument(name, text, choices.join(" or "));
    return text;
  });
}

function listOf<T extends string>(flag: string, known: readonly T[]): (text: string) => readonly T[] {
  return (text) => {
    const names = text.split(",").map((name) => name.trim());
    const wrong = names.find((name) => !known.some((other) => other === name));
    if (wrong !== undefined) {
      const near = suggest(wrong, known);
      const hint = near === null ? "" : ` (did you mean ${near}?)`;
      throw badArgument(flag, text, `a comma-separated choice of ${known.join(", ")}${hint}`);
    }
    return known.filter((name) => names.includes(name));
  };
}

function readMaxStates(text: string): number {
  return wholeNumber("--max-states", text, 1, MOST_STATES);
}

function readOut(text: string): string {
  if (text === "" || text === "-") throw badArgument("--out", text, "the name of a file");
  return text;
}

function wholeNumber(argument: string, text: string, least: number, most: number): number {
  const number = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(number >= least && number <= most)) {
    throw badArgument(argument, text, `a whole number from ${String(least)} to ${String(most)}`);
  }
  return number;
}
