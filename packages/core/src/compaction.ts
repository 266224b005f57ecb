import { invariant } from "./errors.js";
import { compactThrough, termAt } from "./log.js";
import { compactConfigurations, configurationAt } from "./membership.js";
import type { SnapshotMetadata } from "./message.js";
import { emit } from "./pending.js";
import type { RaftContext } from "./state.js";

/** What a snapshot of everything applied so far would be, apart from its bytes. */
export function describeSnapshotAt(
  context: RaftContext,
  index: number,
): Omit<SnapshotMetadata, "sizeBytes" | "checksum"> {
  const { state } = context;
  const term = termAt(state.log, index);
  invariant(term !== null && index <= state.appliedIndex, `index ${index} is applied and in the log`);
  return { index, term, configuration: configurationAt(context, index) };
}

/**
 * A snapshot is durable: the log may go up to it, but for a tail that saves a slow follower the whole snapshot. Returns
 * whether it was news.
 */
export function snapshotTaken(context: RaftContext, snapshot: SnapshotMetadata): boolean {
  const { state, options } = context;
  invariant(snapshot.index <= state.appliedIndex, `a snapshot holds applied entries only, ${snapshot.index} is not`);
  if (snapshot.index <= (state.snapshot?.index ?? 0)) return false;
  state.snapshot = snapshot;
  emit(context, { type: "snapshotTaken", index: snapshot.index });
  const through = snapshot.index - options.logTailEntries;
  invariant(through < state.persistence.nextIndex, "what is applied has been handed to the disk");
  if (through > state.log.baseIndex) {
    compactThrough(state.log, through);
    compactConfigurations(context, through);
  }
  return true;
}
