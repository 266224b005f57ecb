import {
  describeInvalidConfiguration,
  isVoter,
  MAX_ID_LENGTH,
  MAX_MEMBERS,
  simpleConfiguration,
} from "./configurationChange.js";
import type { HardState } from "./effects.js";
import type { Entry, NodeId } from "./entry.js";
import { InvalidOptionError, invariant } from "./errors.js";
import { lastIndex } from "./log.js";
import type { SnapshotMetadata } from "./message.js";
import { emptyPendingEffects, type ConfigurationAtIndex, type RaftState } from "./state.js";

/** What a member finds on its disk. */
export interface StoredState {
  readonly hardState: HardState;
  /** The newest snapshot, to which the caller's state machine has been restored. */
  readonly snapshot: SnapshotMetadata | null;
  /** The entry before the first of `entries`. */
  readonly baseIndex: number;
  readonly baseTerm: number;
  readonly entries: readonly Entry[];
}

/** The term and index of the entry that names the first members; every one of them begins with the same. */
const GENESIS = { index: 1, term: 1 };

/** A member that is to found a cluster with `voters`, or, without any, to be added to one that exists. */
export function newState(id: NodeId, voters: readonly NodeId[] | null, now: number, firstReadId: number): RaftState {
  const nothing: StoredState = {
    hardState: { term: 0, vote: null },
    snapshot: null,
    baseIndex: 0,
    baseTerm: 0,
    entries: [],
  };
  if (voters === null) return restoredState(id, nothing, now, firstReadId);
  const configuration = simpleConfiguration(voters);
  const wrong = describeInvalidConfiguration(configuration);
  if (wrong !== null || voters.length > MAX_MEMBERS || !isVoter(configuration, id)) {
    const expected = `1 to ${MAX_MEMBERS} names of 1 to ${MAX_ID_LENGTH} characters, this member's own, ${id}, among them`;
    throw new InvalidOptionError("founders", voters, expected);
  }
  const genesis: Entry = { ...GENESIS, kind: "configuration", data: new Uint8Array(0), configuration };
  const stored = { ...nothing, hardState: { term: GENESIS.term, vote: null }, entries: [genesis] };
  const state = restoredState(id, stored, now, firstReadId);
  // None of it is on the disk yet.
  state.persistence.nextIndex = GENESIS.index;
  state.persistence.durableIndex = 0;
  state.persistence.hardStateChanged = true;
  return state;
}

/** A member that takes up where it stopped. */
export function restoredState(id: NodeId, stored: StoredState, now: number, firstReadId: number): RaftState {
  const { hardState, snapshot } = stored;
  const logFits = containsSnapshot(stored);
  const log = logFits
    ? storedLog(stored)
    : { baseIndex: snapshot?.index ?? 0, baseTerm: snapshot?.term ?? 0, entries: [] };
  const last = lastIndex(log);
  invariant(
    log.entries.every((entry, i) => entry.index === log.baseIndex + 1 + i),
    "stored entries are contiguous",
  );
  const lastTerm = log.entries[log.entries.length - 1]?.term ?? log.baseTerm;
  // A snapshot may have become durable before the term in which it came; nothing was promised in that term yet.
  const term = Math.max(hardState.term, snapshot?.term ?? 0);
  invariant(term >= lastTerm, `the stored term ${term} is not below the last entry's, ${lastTerm}`);
  const snapshotIndex = snapshot?.index ?? 0;
  return {
    id,
    now,
    term,
    vote: term === hardState.term ? hardState.vote : null,
    role: "follower",
    leader: null,
    log,
    snapshot,
    commitIndex: snapshotIndex,
    handedOutIndex: snapshotIndex,
    appliedIndex: snapshotIndex,
    configurations: storedConfigurations(log.entries, snapshot),
    persistence: {
      lastPosition: 0,
      durablePosition: 0,
      durableIndex: last,
      nextIndex: last + 1,
      truncateFrom: 0,
      hardStateChanged: false,
      // The disk's log must learn that it begins behind the snapshot now.
      snapshot: logFits ? null : snapshot,
      keepLogAfterSnapshot: false,
      inFlight: [],
    },
    timers: { electionDeadline: now, randomizedElectionTimeoutMs: 0, stickyUntil: now, resting: false },
    election: { votes: [], ownVotePosition: 0, setbacks: 0, leadershipTransfer: false, calledUpon: false },
    leadership: null,
    forwardedReads: { gathering: [], nextReadId: firstReadId, waiting: [] },
    incomingSnapshot: null,
    pending: emptyPendingEffects(),
  };
}

/** A snapshot that the log does not contain replaces it: a crash came between the two (§7). */
function containsSnapshot({ snapshot, baseIndex, baseTerm, entries }: StoredState): boolean {
  const snapshotIndex = snapshot?.index ?? 0;
  invariant(baseIndex <= snapshotIndex, `the log begins behind ${baseIndex}, beyond the snapshot at ${snapshotIndex}`);
  const known = snapshotIndex === baseIndex ? baseTerm : entries[snapshotIndex - baseIndex - 1]?.term;
  return known === (snapshot?.term ?? 0);
}

function storedLog({ baseIndex, baseTerm, entries }: StoredState): RaftState["log"] {
  return { baseIndex, baseTerm, entries: [...entries] };
}

function storedConfigurations(entries: readonly Entry[], snapshot: SnapshotMetadata | null): ConfigurationAtIndex[] {
  const from = snapshot?.index ?? 0;
  const configurations: ConfigurationAtIndex[] = [
    { index: from, configuration: snapshot?.configuration ?? simpleConfiguration([]) },
  ];
  for (const { index, configuration } of entries) {
    if (configuration !== null && index > from) configurations.push({ index, configuration });
  }
  return configurations;
}
