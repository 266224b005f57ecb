import type { ConfigurationAtIndex, RaftState } from "@balsa/core";
import type { Member } from "../member/member.js";
import { isSameEntry } from "./history.js";
import { quorumsMeet } from "./quorums.js";
import type { RuleName, Violation } from "./rule.js";

/** Rules that need nothing but one member before and after a step in which it did not start again. */
export function describeMemberViolation(before: Member, after: Member): Violation | null {
  return (
    describeCutByLeader(before.raft, after.raft) ??
    describeLostCommit(before.raft, after.raft) ??
    describeWrongConfiguration(before.raft, after.raft)
  );
}

function describeCutByLeader(before: RaftState, after: RaftState): Violation | null {
  if (before.role !== "leader" || after.role !== "leader" || before.term !== after.term) return null;
  const last = before.log.baseIndex + before.log.entries.length;
  const index = firstDifference(before, after, last);
  return index === null
    ? null
    : violation("leaderAppendOnly", after, `cut its own log at entry ${index} while it leads`);
}

function describeLostCommit(before: RaftState, after: RaftState): Violation | null {
  if (after.commitIndex < before.commitIndex) {
    const message = `its commit index fell from ${before.commitIndex} to ${after.commitIndex}`;
    return violation("committedNeverLost", after, message);
  }
  const index = firstDifference(before, after, before.commitIndex);
  return index === null ? null : violation("committedNeverLost", after, `cut off entry ${index}, which is committed`);
}

/** The first index up to `last` where the later log has no longer what the earlier one had. */
function firstDifference(before: RaftState, after: RaftState, last: number): number | null {
  const from = Math.max(before.log.baseIndex, after.log.baseIndex) + 1;
  for (let index = from; index <= last; index += 1) {
    const old = before.log.entries[index - before.log.baseIndex - 1];
    const present = after.log.entries[index - after.log.baseIndex - 1];
    if (old === undefined || present === undefined || !isSameEntry(old, present)) return index;
  }
  return null;
}

/** Looks at each configuration that a leader has added, beside the one before it. */
function describeWrongConfiguration(before: RaftState, after: RaftState): Violation | null {
  if (after.role !== "leader") return null;
  const last = before.log.baseIndex + before.log.entries.length;
  const { configurations, commitIndex } = after;
  for (let i = 1; i < configurations.length; i += 1) {
    const { index, configuration } = configurations[i] as ConfigurationAtIndex;
    const previous = configurations[i - 1] as ConfigurationAtIndex;
    if (index <= last) continue;
    if (previous.index > commitIndex) {
      const message = `appended a configuration at ${index} while that at ${previous.index} was not committed`;
      return violation("configurationSafety", after, message);
    }
    // Or two changes of different leaders could have majorities that don't meet (Ongaro, raft-dev 2015).
    if (termAt(after, commitIndex) !== after.term) {
      const message = `appended a configuration at ${index} before anything of its term ${after.term} was committed`;
      return violation("configurationSafety", after, message);
    }
    if (!quorumsMeet(previous.configuration, configuration)) {
      const message = `the configuration at ${index} can decide without the one before`;
      return violation("configurationSafety", after, message);
    }
  }
  return null;
}

function termAt({ log }: RaftState, index: number): number | null {
  return index === log.baseIndex ? log.baseTerm : (log.entries[index - log.baseIndex - 1]?.term ?? null);
}

function violation(rule: RuleName, { id }: RaftState, message: string): Violation {
  return { rule, node: id, message };
}
