import type { Bounds, RuleName } from "@balsa/explore";
import type { Patch } from "./mutant.js";

/** A rule broken by patches, whose breach a search of a small world must find. */
export interface ExploredMutant {
  readonly rule: string;
  readonly patches: readonly Patch[];
  /** How large the world is. Nothing says where in it to look. */
  readonly bounds: Partial<Bounds>;
  readonly finds: RuleName;
  /** Length of the shortest trace, with what leads to the start of a world that is led. */
  readonly steps: number;
}

/** What must not happen, without the rules that only see to it that it can't. */
const CONSEQUENCES: readonly RuleName[] = [
  "electionSafety",
  "leaderAppendOnly",
  "logMatching",
  "leaderCompleteness",
  "stateMachineSafety",
  "committedNeverLost",
];

const CHANGE_BEFORE_COMMIT: Patch = {
  file: "core/src/membership.ts",
  find: "if (state.commitIndex < leadership.termStartIndex) {\n    return refuse",
  replace: "if (state.commitIndex < 0) {\n    return refuse",
};

/** Changes of one voter without a joint configuration (thesis §4.1): sound by itself. */
const SINGLE_SERVER_CHANGES: Patch = {
  file: "core/src/configurationChange.ts",
  find: "if (sameVoters) return",
  replace: "if (sameVoters || Math.abs(voters.size - current.voters.length) === 1) return",
};

const SINGLE_SERVER_WORLD: Partial<Bounds> = {
  nodes: 4,
  start: "led",
  terms: 2,
  commands: 0,
  changes: 2,
  changeKinds: ["remove"],
  inFlight: 4,
  rules: CONSEQUENCES,
};

/** An acknowledgement waits for any write that reached so far, instead of the one with its entries. */
const ACKNOWLEDGED_BY_INDEX: Patch = {
  file: "core/src/persistence.ts",
  find: "return state.persistence.lastPosition + (hasPersist(state) ? 1 : 0);",
  replace: `const acknowledges = state.pending.sendAfterPersist.every(({ type }) => type === "appendAccepted");
  const reached = state.persistence.inFlight.find((batch) => batch.lastIndex >= lastIndex(state.log));
  if (acknowledges && reached !== undefined) return reached.position;
  return state.persistence.lastPosition + (hasPersist(state) ? 1 : 0);`,
};

/** And a cut says nothing of writes under way. */
const CUT_FORGETS_WRITES: Patch = {
  file: "core/src/persistence.ts",
  find: "for (const batch of persistence.inFlight) batch.lastIndex = Math.min(batch.lastIndex, index - 1);",
  replace: "",
};

export const EXPLORED_MUTANTS: readonly ExploredMutant[] = [
  {
    rule: "a member votes once a term (§5.2)",
    patches: [
      {
        file: "core/src/election.ts",
        find: "const free = state.vote === null || state.vote === message.from;",
        replace: "const free = true;",
      },
    ],
    bounds: {},
    finds: "electionSafety",
    steps: 6,
  },
  {
    rule: "only entries of the current term are committed by counting (§5.4.2, figure 8)",
    patches: [
      {
        file: "core/src/commit.ts",
        find: "if (index <= state.commitIndex || termAt(state.log, index) !== state.term) return;",
        replace: "if (index <= state.commitIndex) return;",
      },
    ],
    bounds: { terms: 4, commands: 0, inFlight: 3 },
    finds: "leaderCompleteness",
    steps: 22,
  },
  {
    rule: "no membership change before the term has a commit (raft-dev, 2015)",
    patches: [CHANGE_BEFORE_COMMIT],
    bounds: { nodes: 4, start: "led", terms: 1, commands: 0, changes: 1 },
    finds: "configurationSafety",
    steps: 22,
  },
  {
    rule: "nor with changes of one voter at a time, where majorities then do not meet (raft-dev, 2015)",
    patches: [CHANGE_BEFORE_COMMIT, SINGLE_SERVER_CHANGES],
    bounds: SINGLE_SERVER_WORLD,
    finds: "leaderCompleteness",
    steps: 30,
  },
  {
    rule: "an acknowledgement from before a cut does not speak for what was appended after it (append ABA)",
    patches: [ACKNOWLEDGED_BY_INDEX, CUT_FORGETS_WRITES],
    bounds: { terms: 2, commands: 0, crashes: 1 },
    finds: "commitOnQuorum",
    steps: 14,
  },
];
