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
  compactLog(context, snapshot.index - options.logTailEntries);
  return true;
}

/** Nothing is kept behind the snapshot any more: a follower that lacks some of it gets the snapshot. */
export function dropLogTail(context: RaftContext): void {
  const { snapshot } = context.state;
  if (snapshot !== null) compactLog(context, snapshot.index);
}

function compactLog(context: RaftContext, through: number): void {
  const { log, persistence } = context.state;
  invariant(through < persistence.nextIndex, "what is applied has been handed to the disk");
  if (through <= log.baseIndex) return;
  compactThrough(log, through);
  compactConfigurations(context, through);
}
