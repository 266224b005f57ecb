import type { Entry } from "@balsa/core";
import type { Member } from "../member/member.js";
import type { RuleName, Violation } from "./rule.js";

/** What has happened and must not be contradicted, though no member may remember it. Part of every state. */
export interface History {
  /** Who has led which term, by rising term. */
  readonly leaders: readonly { readonly id: string; readonly term: number }[];
  /** What has been committed, from index 1 on, and the term of whoever committed it first. */
  readonly committed: readonly { readonly entry: Entry; readonly committedIn: number }[];
}

export const EMPTY_HISTORY: History = { leaders: [], committed: [] };

export type HistoryStep = { readonly history: History } | { readonly violation: Violation };

/** Adds what a step of a member has brought, unless it contradicts what was. */
export function continueHistory(
  history: History,
  before: Member,
  after: Member,
  rules: ReadonlySet<RuleName>,
): HistoryStep {
  const { raft } = after;
  const isChecked = (violation: Violation | null): violation is Violation =>
    violation !== null && rules.has(violation.rule);
  let { leaders } = history;
  if (raft.role === "leader" && !leaders.some(({ id, term }) => id === raft.id && term === raft.term)) {
    for (const violation of [describeSecondLeader(history, after), describeIncompleteLeader(history, after)]) {
      if (isChecked(violation)) return { violation };
    }
    leaders = [...leaders, { id: raft.id, term: raft.term }].sort((a, b) => a.term - b.term);
  }
  const committed = [...history.committed];
  const from = Math.max(Math.min(before.raft.commitIndex, raft.commitIndex), raft.log.baseIndex) + 1;
  for (let index = from; index <= raft.commitIndex; index += 1) {
    const entry = raft.log.entries[index - raft.log.baseIndex - 1];
    const violation = describeOtherCommit(committed, raft.id, index, entry);
    if (isChecked(violation)) return { violation };
    if (index === committed.length + 1 && entry !== undefined) committed.push({ entry, committedIn: raft.term });
  }
  const base = describeWrongBase(committed, after);
  if (isChecked(base)) return { violation: base };
  return { history: { leaders, committed } };
}

function describeSecondLeader({ leaders }: History, { raft }: Member): Violation | null {
  const other = leaders.find(({ term }) => term === raft.term);
  if (other === undefined) return null;
  return { rule: "electionSafety", node: raft.id, message: `leads term ${raft.term}, which ${other.id} has led` };
}

/** One that learns late that it was elected need not have what later leaders have committed meanwhile. */
function describeIncompleteLeader({ committed }: History, { raft }: Member): Violation | null {
  for (const { entry, committedIn } of committed) {
    if (committedIn >= raft.term || entry.index <= raft.log.baseIndex) continue;
    if (raft.log.entries[entry.index - raft.log.baseIndex - 1]?.term === entry.term) continue;
    const message = `leads term ${raft.term} without entry ${entry.index} of term ${entry.term}, which is committed`;
    return { rule: "leaderCompleteness", node: raft.id, message };
  }
  return null;
}

function describeOtherCommit(
  committed: History["committed"],
  node: string,
  index: number,
  entry: Entry | undefined,
): Violation | null {
  const rule = "stateMachineSafety";
  if (entry === undefined) return { rule, node, message: `committed entry ${index}, which its log does not reach` };
  if (index > committed.length + 1) {
    return { rule, node, message: `committed entry ${index}, and nobody has committed the one before` };
  }
  const known = committed[index - 1]?.entry;
  if (known === undefined || isSameEntry(known, entry)) return null;
  const message = `committed entry ${index} of term ${entry.term}, where one of term ${known.term} had been committed`;
  return { rule, node, message };
}

/** What a snapshot has taken the place of is committed. */
function describeWrongBase(committed: History["committed"], { raft }: Member): Violation | null {
  const { baseIndex, baseTerm } = raft.log;
  if (baseIndex === 0 || committed[baseIndex - 1]?.entry.term === baseTerm) return null;
  const message = `its log follows entry ${baseIndex} of term ${baseTerm}, which was never committed`;
  return { rule: "stateMachineSafety", node: raft.id, message };
}

export function isSameEntry(a: Entry, b: Entry): boolean {
  if (a.term !== b.term || a.kind !== b.kind || a.data.length !== b.data.length) return false;
  if (a.data.some((byte, i) => byte !== b.data[i])) return false;
  return a.kind !== "configuration" || JSON.stringify(a.configuration) === JSON.stringify(b.configuration);
}
