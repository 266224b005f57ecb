import type { Mutant } from "./mutant.js";

/** Rules whose breach the simulator must notice. */
export const MUTANTS: readonly Mutant[] = [
  {
    rule: "only entries of the current term are committed by counting (§5.4.2, figure 8)",
    file: "core/src/commit.ts",
    find: "if (index <= state.commitIndex || termAt(state.log, index) !== state.term) return;",
    replace: "if (index <= state.commitIndex) return;",
    withinSeeds: 50,
    // One entry at a time, so that an old one can reach a majority before the no-op of the new term does.
    scenario: { raft: { maxAppendEntries: 1 }, faults: { classes: ["network", "crash"], intensity: 5 } },
  },
  {
    rule: "a member votes once a term (§5.2)",
    file: "core/src/election.ts",
    find: "const free = state.vote === null || state.vote === message.from;",
    replace: "const free = true;",
    withinSeeds: 50,
  },
  {
    rule: "votes and acknowledgements leave only when they are durable (figure 2)",
    file: "core/src/pending.ts",
    find: "context.state.pending.sendAfterPersist.push(message);",
    replace: "context.state.pending.send.push(message);",
    withinSeeds: 50,
  },
  {
    rule: "no vote for a candidate whose log is behind (§5.4.1)",
    file: "core/src/election.ts",
    find: "const upToDate = !isLogAhead(context, message);",
    replace: "const upToDate = true || isLogAhead(context, message);",
    withinSeeds: 20,
  },
  {
    rule: "the log is cut only where it conflicts (§5.3)",
    file: "core/src/appending.ts",
    find: "const conflict = firstConflict(context, entries);\n  if (conflict !== null)",
    replace: "const conflict = entries[0] ?? null;\n  if (conflict !== null && conflict.index > log.baseIndex)",
    withinSeeds: 20,
  },
  {
    rule: "a joint configuration needs both majorities (§6)",
    file: "core/src/quorum.ts",
    find: "if (configuration.votersOutgoing.length === 0) return incoming;\n  return Math.min",
    replace: "if (configuration.voters.length > 0) return incoming;\n  return Math.min",
    withinSeeds: 100,
    scenario: { faults: { classes: ["network", "crash", "membership"], intensity: 4 } },
  },
  {
    rule: "no read index before the term has a commit (thesis §6.4)",
    file: "core/src/reads.ts",
    find: "const started = state.commitIndex >= leadership.termStartIndex;",
    replace: "const started = true;",
    withinSeeds: 100,
    scenario: { faults: { classes: ["network", "crash"], intensity: 4 }, workload: { readsPerCommand: 4 } },
  },
  {
    rule: "what is acknowledged has been synced",
    file: "replica/src/storage/logStore.ts",
    find: 'file.sync((syncError) => {\n        if (this.#stopped(syncError, "sync", file.name)) return;\n        summary',
    replace:
      'file.size((syncError) => {\n        if (this.#stopped(syncError, "sync", file.name)) return;\n        summary',
    withinSeeds: 20,
  },
  {
    rule: "a session's command is applied once (thesis §6.3)",
    file: "replica/src/sessions/sessionedMachine.ts",
    find: 'if (admission === "due") {',
    replace: 'if (admission === "due" || admission === "repeated") {',
    withinSeeds: 20,
  },
  {
    rule: "a snapshot is durable before the log behind it goes (§7)",
    file: "replica/src/replica/snapshotKeeper.ts",
    find: "this.#isTaking = true;",
    replace: "this.#isTaking = true; this.#log.compact(this.#options.group, this.#loop.lastApplied, () => undefined);",
    withinSeeds: 100,
    scenario: {
      replica: { segmentBytes: 4_096, snapshotEveryBytes: 512 },
      workload: { ratePerSecond: 60 },
      faults: { classes: ["crash", "disk"], intensity: 4 },
    },
  },
  {
    rule: "a read waits until a quorum has confirmed the leader after it came (thesis §6.4)",
    file: "core/src/reads.ts",
    find: "if (pending.round === 0 || pending.round > confirmed || pending.index < 0) break;",
    replace: "if (pending.index < 0) break;",
    withinSeeds: 200,
  },
  {
    rule: "no membership change before the term has a commit (raft-dev, 2015)",
    file: "core/src/membership.ts",
    find: "if (state.commitIndex < leadership.termStartIndex) {\n    return refuse",
    replace: "if (state.commitIndex < 0) {\n    return refuse",
    withinSeeds: 50,
    scenario: { nodes: 4, faults: { classes: ["membership", "network", "crash"], intensity: 10 } },
  },
  {
    rule: "a follower commits by heartbeat only what it is known to hold (§5.3)",
    file: "core/src/heartbeat.ts",
    find: "const commitIndex = Math.min(progress.matchIndex, state.commitIndex);",
    replace: "const commitIndex = state.commitIndex;",
    withinSeeds: 100,
  },
  {
    rule: "a lease ends an election timeout after the round that a quorum answered was sent (thesis §6.4.1)",
    file: "core/src/lease.ts",
    find: "return state.now < basis + options.electionTimeoutMs / (1 + options.maxClockDriftRatio);",
    replace: "return basis > -Infinity;",
    withinSeeds: 100,
    scenario: {
      raft: { leaseReads: true },
      workload: { ratePerSecond: 40, readsPerCommand: 3 },
      faults: { classes: ["network", "crash"], intensity: 6 },
    },
  },
];
