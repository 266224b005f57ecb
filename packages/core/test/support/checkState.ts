import { describeInvalidConfiguration, MAX_TERM, type Progress, type RaftState } from "@balsa/core";

/** Throws unless the state could be that of a correct member: what must hold between any two inputs. */
export function checkState(state: RaftState): void {
  checkLog(state);
  checkConfigurations(state);
  checkPersistence(state);
  const { leadership, election, role } = state;
  must((role === "leader") === (leadership !== null), "leadership goes with the role");
  must(role !== "leader" || state.leader === state.id, "a leader knows that it leads");
  must(role === "leader" || state.leader !== state.id, "only a leader takes itself for one");
  must(role !== "candidate" || state.vote === state.id, "a candidate has voted for itself");
  must(election.votes.length === 0 || role === "candidate" || role === "preCandidate", "only campaigns count votes");
  if (leadership === null) return;
  let before = "";
  for (const progress of leadership.progress) {
    must(progress.id > before && progress.id !== state.id, "progress is sorted and of others");
    before = progress.id;
    checkProgress(state, progress);
  }
  must(leadership.uncommittedBytes >= 0, "uncommitted bytes are not negative");
  let round = 0;
  for (const read of leadership.reads) {
    must(read.round === 0 || read.round >= round, "reads are sorted by round");
    round = read.round === 0 ? Infinity : read.round;
    must(read.index <= state.commitIndex, "a read index is committed");
  }
}

function checkLog(state: RaftState): void {
  const { log, commitIndex, handedOutIndex, appliedIndex, snapshot } = state;
  let term = log.baseTerm;
  log.entries.forEach((entry, i) => {
    must(entry.index === log.baseIndex + 1 + i, "the log is contiguous");
    must(entry.term >= term, "terms never fall in the log");
    term = entry.term;
  });
  must(state.term >= term && state.term <= MAX_TERM, "the term is not below the log's, and within bounds");
  const last = log.baseIndex + log.entries.length;
  must(commitIndex <= last, "the commit index lies in the log");
  must(appliedIndex <= handedOutIndex && handedOutIndex <= commitIndex, "applied <= handed out <= committed");
  must(log.baseIndex <= (snapshot?.index ?? 0), "only what a snapshot holds is compacted");
  must((snapshot?.index ?? 0) <= appliedIndex, "a snapshot holds applied entries only");
}

function checkConfigurations(state: RaftState): void {
  const { configurations, log, snapshot } = state;
  must(configurations.length > 0, "there is always a configuration");
  const first = configurations[0]?.index ?? -1;
  must(first <= Math.max(log.baseIndex, snapshot?.index ?? 0), "the first configuration is no later than the snapshot");
  configurations.forEach(({ index, configuration }, i) => {
    must(i === 0 || index > (configurations[i - 1]?.index ?? -1), "configurations are sorted by index");
    must(describeInvalidConfiguration(configuration) === null, "every configuration is valid");
    const entry = log.entries[index - log.baseIndex - 1];
    const known = i > 0 || index > (snapshot?.index ?? 0);
    if (known) must(sameText(entry?.configuration, configuration), `configuration ${index} is the one in the log`);
  });
  const inLog = log.entries.filter((entry) => entry.configuration !== null && entry.index > first);
  must(inLog.length === configurations.length - 1, "every configuration in the log is known");
}

function checkPersistence(state: RaftState): void {
  const { persistence, log } = state;
  const last = log.baseIndex + log.entries.length;
  must(persistence.durableIndex <= last, "what is durable lies in the log");
  must(persistence.durableIndex < persistence.nextIndex, "what is durable has been handed out");
  must(
    persistence.nextIndex > log.baseIndex && persistence.nextIndex <= last + 1,
    "persistence goes on inside the log",
  );
  must(persistence.durablePosition <= persistence.lastPosition, "durable positions have been given out");
  let position = persistence.durablePosition;
  for (const batch of persistence.inFlight) {
    must(batch.position > position, "persists under way are sorted");
    must(batch.lastIndex < persistence.nextIndex, "a persist speaks for what was handed out");
    position = batch.position;
  }
  must(state.election.ownVotePosition <= persistence.lastPosition + 1, "the own vote is persisted with the next batch");
}

function checkProgress(state: RaftState, progress: Progress): void {
  const last = state.log.baseIndex + state.log.entries.length;
  const { matchIndex, nextIndex, inflight, inflightBytes, transfer } = progress;
  must(matchIndex >= 0 && matchIndex < nextIndex && nextIndex <= last + 1, "0 <= match < next <= last + 1");
  must(inflight.reduce((sum, { bytes }) => sum + bytes, 0) === inflightBytes, "bytes in flight add up");
  must(progress.state === "replicate" || inflight.length === 0, "only replicate pipelines");
  must((progress.state === "snapshot") === (transfer !== null), "a transfer goes with its state");
  inflight.forEach(({ lastIndex }, i) => {
    must(
      lastIndex > (inflight[i - 1]?.lastIndex ?? matchIndex) && lastIndex < nextIndex,
      "appends in flight are in order",
    );
  });
  must(transfer === null || transfer.offset <= transfer.snapshot.sizeBytes, "a transfer stays inside its snapshot");
}

function sameText(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`state check: ${what}`);
}
