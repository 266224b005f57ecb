import type { Mutant } from "../mutant.js";
import { SNAPSHOTS, SNAPSHOTS_AND_CHURN, SNAPSHOTS_IN_PIECES } from "../ownScenarios.js";

export const SNAPSHOT_MUTANTS: readonly Mutant[] = [
  {
    name: "log-goes-before-snapshot",
    rule: "a snapshot is durable before the log behind it goes",
    source: "§7",
    file: "replica/src/replica/snapshotKeeper.ts",
    find: "this.#isTaking = true;",
    replace: "this.#isTaking = true; this.#log.compact(this.#options.group, this.#loop.lastApplied, () => undefined);",
    scenario: SNAPSHOTS,
  },
  {
    name: "snapshot-configuration-ignored",
    rule: "whoever installs a snapshot follows its configuration",
    source: "§7; scylladb#9551",
    file: "core/src/snapshotReceiving.ts",
    find: "state.configurations = [{ index, configuration }, ...behind];",
    replace:
      "state.configurations = [{ index, configuration: state.configurations[0]?.configuration ?? configuration }, ...behind];",
    scenario: SNAPSHOTS_AND_CHURN,
  },
  {
    name: "conflicting-log-kept",
    rule: "a log that disagrees with an installed snapshot is discarded",
    source: "§7",
    file: "core/src/snapshotReceiving.ts",
    find: "const keepLog = termAt(state.log, snapshot.index) === snapshot.term;",
    replace: "const keepLog = termAt(state.log, snapshot.index) !== null;",
    scenario: SNAPSHOTS,
  },
  {
    name: "chunks-in-any-order",
    rule: "chunks of a snapshot are taken in their order",
    source: "§7",
    file: "core/src/snapshotReceiving.ts",
    find: "if (!incoming.complete && offset === incoming.nextOffset) {",
    replace: "if (!incoming.complete) {",
    scenario: SNAPSHOTS_IN_PIECES,
  },
  {
    name: "sessions-not-in-snapshot",
    rule: "sessions are part of every snapshot",
    source: "thesis §6.3",
    file: "replica/src/sessions/sessionedMachine.ts",
    find: "this.#sessions = sessions;\n      const before",
    replace: "void sessions;\n      const before",
  },
  {
    name: "whole-log-compacted",
    rule: "a compacted log still knows the term of its last entry",
    source: "§7; openraft#1828",
    file: "core/src/log.ts",
    find: "log.entries = log.entries.slice(index - log.baseIndex);\n  log.baseIndex = index;\n  log.baseTerm = term;",
    replace: "log.entries = log.entries.slice(index - log.baseIndex);\n  log.baseIndex = index;",
  },
];
