import type { Mutant } from "../mutant.js";
import { ALONE } from "../ownScenarios.js";

export const REPLICATION_MUTANTS: readonly Mutant[] = [
  {
    name: "cut-without-conflict",
    rule: "the log is cut only where it conflicts",
    source: "§5.3",
    file: "core/src/appending.ts",
    find: "const conflict = firstConflict(context, entries);\n  if (conflict !== null)",
    replace: "const conflict = entries[0] ?? null;\n  if (conflict !== null && conflict.index > log.baseIndex)",
  },
  {
    name: "conflict-kept",
    rule: "an entry that conflicts with the leader's gives way, and all behind it",
    source: "§5.3",
    file: "core/src/appending.ts",
    find: "if (own !== entry.term) return entry;",
    replace: "if (own > entry.term) return entry;",
  },
  {
    name: "previous-term-unchecked",
    rule: "entries are appended only where the previous entry's term agrees",
    source: "§5.3; logcabin#160",
    file: "core/src/appending.ts",
    find: "if (previousLogIndex >= log.baseIndex && termAt(log, previousLogIndex) !== previousLogTerm) {",
    replace: "if (previousLogIndex > lastIndex(log)) {",
  },
  {
    name: "cut-not-stored",
    rule: "a cut of the log is stored",
    source: "figure 2",
    file: "core/src/persistence.ts",
    find: "persistence.truncateFrom = persistence.truncateFrom === 0 ? index : Math.min(persistence.truncateFrom, index);",
    replace: "persistence.truncateFrom = 0;",
  },
  {
    name: "lost-probe-not-repeated",
    rule: "what got lost is sent again",
    source: "§5.3",
    file: "core/src/replication.ts",
    find: "progress.probeInFlight = false;\n      leadership.replicationDue = true;",
    replace: "leadership.replicationDue = true;",
  },
  {
    name: "rejection-ignored",
    rule: "after a refusal the leader goes back",
    source: "§5.3",
    file: "core/src/replication.ts",
    find: "} else if (message.rejectedIndex === progress.nextIndex - 1) {",
    replace: "} else if (message.rejectedIndex < 0) {",
  },
];

export const COMMIT_MUTANTS: readonly Mutant[] = [
  {
    name: "old-term-committed",
    rule: "only entries of the current term are committed by counting",
    source: "§5.4.2, figure 8; logcabin#44",
    file: "core/src/commit.ts",
    find: "if (index <= state.commitIndex || termAt(state.log, index) !== state.term) return;",
    replace: "if (index <= state.commitIndex) return;",
  },
  {
    name: "committed-by-half",
    rule: "only a majority commits, also of an even number",
    source: "§5.3; openraft#1802",
    file: "core/src/quorum.ts",
    find: "return descending[count >> 1] as number;",
    replace: "return descending[(count - 1) >> 1] as number;",
  },
  {
    name: "leader-counts-what-it-writes",
    rule: "a leader counts its own copy only when that is durable",
    source: "thesis §10.2.1; etcd#14370",
    file: "core/src/commit.ts",
    find: "id === state.id ? state.persistence.durableIndex",
    replace: "id === state.id ? lastIndex(state.log)",
    scenario: ALONE,
  },
  {
    name: "heartbeat-commits-unknown",
    rule: "a heartbeat commits only what the follower is known to hold",
    source: "§5.3",
    file: "core/src/heartbeat.ts",
    find: "const commitIndex = Math.min(progress.matchIndex, state.commitIndex);",
    replace: "const commitIndex = state.commitIndex;",
    scenario: {},
  },
  {
    name: "commit-index-falls",
    rule: "the commit index only rises",
    source: "§5.3",
    file: "core/src/commit.ts",
    find: "if (index <= state.commitIndex) return;",
    replace: "if (index === state.commitIndex) return;",
  },
];
