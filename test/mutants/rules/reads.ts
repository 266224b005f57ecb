import type { Mutant } from "../mutant.js";
import { LEASES, LEASES_CUT_OFF, MANY_READS } from "../ownScenarios.js";

export const READ_MUTANTS: readonly Mutant[] = [
  {
    name: "read-before-term-begins",
    rule: "no read index before the term has a commit",
    source: "thesis §6.4; etcd#7331",
    file: "core/src/reads.ts",
    find: "const started = state.commitIndex >= leadership.termStartIndex;",
    replace: "const started = true;",
  },
  {
    name: "read-without-quorum",
    rule: "a read waits until a quorum has confirmed the leader after it came",
    source: "thesis §6.4",
    file: "core/src/reads.ts",
    find: "if (pending.round === 0 || pending.round > confirmed || pending.index < 0) break;",
    replace: "if (pending.index < 0) break;",
    scenario: MANY_READS,
  },
  {
    name: "read-confirmed-by-earlier-round",
    rule: "a round of heartbeats confirms no read that came after it was sent",
    source: "thesis §6.4; hashicorp/raft#603",
    file: "core/src/heartbeat.ts",
    find: "assignReadRound(leadership, leadership.round);",
    replace: "assignReadRound(leadership, Math.max(1, leadership.round - 1));",
    scenario: MANY_READS,
  },
  {
    name: "read-before-applied",
    rule: "a read waits until the machine has reached its index",
    source: "thesis §6.4",
    file: "replica/src/replica/waitingReads.ts",
    find: "waiting.index = result.index;\n      this.#leastIndex = Math.min(this.#leastIndex, result.index);",
    replace: "waiting.index = 0;\n      this.#leastIndex = 0;",
  },
  {
    name: "read-id-used-again",
    rule: "each forwarded read has an id of its own",
    source: "etcd#20418, etcd#21399",
    file: "core/src/reads.ts",
    find: "forwardedReads.nextReadId += 1;",
    replace: "",
    scenario: MANY_READS,
  },
];

export const LEASE_MUTANTS: readonly Mutant[] = [
  {
    name: "lease-without-end",
    rule: "a lease ends",
    source: "thesis §6.4.1",
    file: "core/src/lease.ts",
    find: "return basis + options.electionTimeoutMs / (1 + options.maxClockDriftRatio);",
    replace: "return basis > -Infinity ? Infinity : -Infinity;",
    scenario: LEASES_CUT_OFF,
  },
  {
    name: "lease-from-the-answer",
    rule: "a lease counts from when its heartbeats were sent, not from when they were answered",
    source: "thesis §6.4.1",
    file: "core/src/heartbeat.ts",
    find: "if (sentAt !== undefined) progress.ackedRoundSentAt = sentAt;",
    replace: "if (sentAt !== undefined) progress.ackedRoundSentAt = state.now;",
    scenario: LEASES,
  },
  {
    name: "lease-before-term-begins",
    rule: "no read from a lease before the term has a commit",
    source: "thesis §6.4",
    file: "core/src/lease.ts",
    find: "if (state.commitIndex < leadership.termStartIndex) return -Infinity;",
    replace: "",
    scenario: LEASES,
  },
];
