import type { Mutant } from "./mutant.js";
import { ELECTION_MUTANTS } from "./rules/elections.js";
import { MEMBERSHIP_MUTANTS } from "./rules/membership.js";
import { LEASE_MUTANTS, READ_MUTANTS } from "./rules/reads.js";
import { COMMIT_MUTANTS, REPLICATION_MUTANTS } from "./rules/replication.js";
import { SESSION_MUTANTS } from "./rules/sessions.js";
import { SNAPSHOT_MUTANTS } from "./rules/snapshots.js";
import { STORAGE_MUTANTS } from "./rules/storage.js";

/** Rules whose breach the simulator must notice. */
export const MUTANTS: readonly Mutant[] = [
  ...ELECTION_MUTANTS,
  ...REPLICATION_MUTANTS,
  ...COMMIT_MUTANTS,
  ...MEMBERSHIP_MUTANTS,
  ...SNAPSHOT_MUTANTS,
  ...READ_MUTANTS,
  ...LEASE_MUTANTS,
  ...SESSION_MUTANTS,
  ...STORAGE_MUTANTS,
];
