import type { Mutant } from "../mutant.js";
import { FORKED_LOGS } from "../ownScenarios.js";

export const SESSION_MUTANTS: readonly Mutant[] = [
  {
    name: "applied-twice",
    rule: "a session's command is applied once",
    source: "thesis §6.3",
    file: "replica/src/sessions/sessionedMachine.ts",
    find: 'if (admission === "due") {',
    replace: 'if (admission === "due" || admission === "repeated") {',
  },
  {
    name: "activity-not-ordered",
    rule: "the session that has been idle the longest goes first",
    source: "thesis §6.3",
    file: "replica/src/sessions/sessionTable.ts",
    find: "this.#sessions.delete(session.id);\n    this.#sessions.set(session.id, session);",
    replace: "this.#sessions.set(session.id, session);",
  },
  {
    name: "answered-for-another",
    rule: "a client is answered only for its own entry, and not for another leader's at its index",
    source: "§8",
    file: "replica/src/replica/waitingCommands.ts",
    find: "if (waiting.term !== entry.term || result === null) waiting",
    replace: "if (result === null) waiting",
    scenario: FORKED_LOGS,
  },
  {
    name: "expires-by-own-clock",
    rule: "sessions expire by the replicated clock",
    source: "thesis §6.3",
    file: "replica/src/sessions/sessionedMachine.ts",
    find: "this.#sessions.advance(envelope.clusterTimeMs);",
    replace: "this.#sessions.advance(this.#sessions.clusterTimeMs + entries.length * 100);",
  },
];
