import type { Mutant } from "./mutant.js";

/** Rules whose breach the simulator must notice. */
export const MUTANTS: readonly Mutant[] = [
  {
    rule: "only entries of the current term are committed by counting (§5.4.2, figure 8)",
    file: "core/src/commit.ts",
    find: "if (index <= state.commitIndex || termAt(state.log, index) !== state.term) return;",
    replace: "if (index <= state.commitIndex) return;",
    withinSeeds: 100,
  },
  {
    rule: "a member votes once a term (§5.2)",
    file: "core/src/election.ts",
    find: "const free = state.vote === null || state.vote === message.from;",
    replace: "const free = true;",
    withinSeeds: 100,
  },
  {
    rule: "votes and acknowledgements leave only when they are durable (figure 2)",
    file: "core/src/pending.ts",
    find: "context.state.pending.sendAfterPersist.push(message);",
    replace: "context.state.pending.send.push(message);",
    withinSeeds: 100,
  },
  {
    rule: "no vote for a candidate whose log is behind (§5.4.1)",
    file: "core/src/election.ts",
    find: "const upToDate = !isLogAhead(context, message);",
    replace: "const upToDate = true || isLogAhead(context, message);",
    withinSeeds: 100,
  },
  {
    rule: "the log is cut only where it conflicts (§5.3)",
    file: "core/src/appending.ts",
    find: "const conflict = firstConflict(context, entries);\n  if (conflict !== null)",
    replace: "const conflict = entries[0] ?? null;\n  if (conflict !== null && conflict.index > log.baseIndex)",
    withinSeeds: 100,
  },
  {
    rule: "a joint configuration needs both majorities (§6)",
    file: "core/src/quorum.ts",
    find: "if (configuration.votersOutgoing.length === 0) return incoming;\n  return Math.min",
    replace: "if (configuration.voters.length > 0) return incoming;\n  return Math.min",
    withinSeeds: 100,
  },
  {
    rule: "no read index before the term has a commit (thesis §6.4)",
    file: "core/src/reads.ts",
    find: "const started = state.commitIndex >= leadership.termStartIndex;",
    replace: "const started = true;",
    withinSeeds: 100,
  },
  {
    rule: "what is acknowledged has been synced",
    file: "replica/src/storage/logStore.ts",
    find: "file.sync((syncError) => {\n        if (this.#stopped(syncError, \"sync\", file.name)) return;\n        summary",
    replace: "file.size((syncError) => {\n        if (this.#stopped(syncError, \"sync\", file.name)) return;\n        summary",
    withinSeeds: 100,
  },
  {
    rule: "a session's command is applied once (thesis §6.3)",
    file: "replica/src/sessions/sessionedMachine.ts",
    find: 'if (admission === "due") {',
    replace: 'if (admission === "due" || admission === "repeated") {',
    withinSeeds: 100,
  },
  {
    rule: "a snapshot is durable before the log behind it goes (§7)",
    file: "replica/src/replica/snapshotKeeper.ts",
    find: "this.#isTaking = true;",
    replace:
      "this.#isTaking = true; this.#log.compact(this.#options.group, this.#loop.lastApplied, () => undefined);",
    withinSeeds: 100,
  },
  {
    rule: "an acknowledgement from before a cut does not count for what was appended after it",
    file: "core/src/persistence.ts",
    find: "for (const batch of persistence.inFlight) batch.lastIndex = Math.min(batch.lastIndex, index - 1);",
    replace: "",
    withinSeeds: 100,
  },
  {
    rule: "a read waits until a quorum has confirmed the leader after it came (thesis §6.4)",
    file: "core/src/reads.ts",
    find: "if (pending.round === 0 || pending.round > confirmed || pending.index < 0) break;",
    replace: "if (pending.index < 0) break;",
    withinSeeds: 100,
  },
  {
    rule: "no membership change before the term has a commit (raft-dev, 2015)",
    file: "core/src/membership.ts",
    find: "if (state.commitIndex < leadership.termStartIndex) {\n    return refuse",
    replace: "if (state.commitIndex < 0) {\n    return refuse",
    withinSeeds: 100,
  },
  {
    rule: "a follower commits by heartbeat only what it is known to hold (§5.3)",
    file: "core/src/heartbeat.ts",
    find: "const commitIndex = Math.min(progress.matchIndex, state.commitIndex);",
    replace: "const commitIndex = state.commitIndex;",
    withinSeeds: 100,
  },
];
