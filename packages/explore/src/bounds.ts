import { BoundsError } from "./boundsError.js";
import { RULE_NAMES, type RuleName } from "./rules/rule.js";

/** What may be used up on the way to a state: each is a number of steps of a kind that a schedule may take. */
export const BUDGET_NAMES = [
  /** Commands proposed. */
  "commands",
  /** Processes that crash, and start again at once. */
  "crashes",
  /** Messages taken off their way. Not delivering one is always possible; this only makes room for others. */
  "drops",
  /** Messages delivered that stay on their way. */
  "duplicates",
  /** Membership changes asked for. */
  "changes",
  /** Snapshots taken. */
  "compactions",
  /** Rounds of heartbeats. */
  "heartbeats",
  /** Messages delivered to a receiver that is in a later term than they are. */
  "late",
] as const;

export type BudgetName = (typeof BUDGET_NAMES)[number];

export const CHANGE_KINDS = ["remove", "addLearner", "promote", "demote"] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** The world that is explored: who is in it, and how much may happen. */
export interface Bounds extends Readonly<Record<BudgetName, number>> {
  /** Members that found the cluster, 1 to 5. Default 3. */
  readonly nodes: number;
  /** Nodes without a past that may be added to it; at most 6 nodes in all. Default 0. */
  readonly spares: number;
  /** Terms that may be begun after the one that the world begins in. Default 2. */
  readonly terms: number;
  /** Messages on their way at once; a step that would make it more is not taken, and counted. Default 8. */
  readonly inFlight: number;
  /** Entries in one append. With one, an old entry can reach a majority before the no-op of the new term. Default 1. */
  readonly appendEntries: number;
  /**
   * `lazy`: a write becomes durable in a step of its own, and a crash may lose those that haven't. `instant`: at once.
   * Default `lazy` where there are crashes, else `instant`.
   */
  readonly disk: "lazy" | "instant";
  /** `founded`: term 1, nobody leads. `led`: the first node leads term 2, and all have and know its no-op. */
  readonly start: "founded" | "led";
  /** Which changes of the membership are asked for, each of every node that it can be asked of. */
  readonly changeKinds: readonly ChangeKind[];
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly leaderStickiness: boolean;
  /** Whether states that differ only in who is who count as one. Default true. */
  readonly symmetry: boolean;
  /** What is checked. Default: everything. */
  readonly rules: readonly RuleName[];
}

const STANDARD: Bounds = {
  nodes: 3,
  spares: 0,
  terms: 2,
  commands: 1,
  crashes: 0,
  drops: 0,
  duplicates: 0,
  changes: 0,
  compactions: 0,
  heartbeats: 0,
  late: 0,
  inFlight: 8,
  appendEntries: 1,
  disk: "instant",
  start: "founded",
  changeKinds: CHANGE_KINDS,
  preVote: false,
  checkQuorum: false,
  leaderStickiness: false,
  symmetry: true,
  rules: RULE_NAMES,
};

/** More than this in each budget: none would end, and a state keeps them in four bits each. */
export const MAX_BUDGET = 15;
const MAX_ALL_NODES = 6;

/** Names of the nodes of a world, founders first. */
export function nodeNames({ nodes, spares }: Pick<Bounds, "nodes" | "spares">): readonly string[] {
  return Array.from({ length: nodes + spares }, (_, i) => `n${i + 1}`);
}

const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  nodes: [1, 5],
  spares: [0, MAX_ALL_NODES - 1],
  terms: [1, MAX_BUDGET],
  inFlight: [1, 64],
  appendEntries: [1, 64],
  ...Object.fromEntries(BUDGET_NAMES.map((name) => [name, [0, MAX_BUDGET] as const])),
};

const CHOICES: Readonly<Record<string, readonly string[]>> = { disk: ["lazy", "instant"], start: ["founded", "led"] };
const LISTS: Readonly<Record<string, readonly string[]>> = { changeKinds: CHANGE_KINDS, rules: RULE_NAMES };

/**
 * Fills in defaults and checks what was given, which may come from a file.
 * @throws BoundsError naming the bound, what it was and what it must be.
 */
export function completeBounds(given: Partial<Bounds> = {}): Bounds {
  for (const [name, value] of Object.entries(given)) checkBound(name, value);
  const disk = (given.crashes ?? STANDARD.crashes) > 0 ? "lazy" : "instant";
  const bounds = { ...STANDARD, disk, ...given } as Bounds;
  if (bounds.nodes + bounds.spares > MAX_ALL_NODES) {
    throw new BoundsError("spares", bounds.spares, `so few that there are at most ${MAX_ALL_NODES} nodes in all`);
  }
  return Object.freeze(bounds);
}

function checkBound(name: string, value: unknown): void {
  const range = RANGES[name];
  const choice = CHOICES[name];
  const list = LISTS[name];
  if (range !== undefined) {
    const [least, most] = range;
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      throw new BoundsError(name, value, `a whole number from ${least} to ${most}`);
    }
  } else if (choice !== undefined) {
    if (!choice.includes(value as string)) throw new BoundsError(name, value, choice.join(" or "));
  } else if (list !== undefined) {
    if (!Array.isArray(value) || value.length === 0 || value.some((item) => !list.includes(item as string))) {
      throw new BoundsError(name, value, `a list of ${list.join(", ")}`);
    }
  } else if (!(name in STANDARD)) {
    throw new BoundsError(name, value, `the name of a bound: ${Object.keys(STANDARD).join(", ")}`);
  } else if (typeof value !== "boolean") {
    throw new BoundsError(name, value, "true or false");
  }
}
