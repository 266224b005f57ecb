import type { SnapshotMetadata } from "@balsa/core";
import type { Done } from "../disk.js";
import type { SnapshotStore } from "../storage/index.js";
import type { SnapshotSink } from "../stateMachine.js";

/** The state machine could not be put back to where a snapshot, whose bytes are as they were written, says it was. */
export class RestoreFailedError extends Error {
  readonly code = "RESTORE_FAILED";
  override readonly name = "RestoreFailedError";

  constructor(snapshot: SnapshotMetadata, cause: unknown) {
    super(
      `The state machine refused the snapshot at index ${String(snapshot.index)}. It must be able to restore what it, or an ` +
        "earlier version of it, has written: start the version that wrote it.",
      { cause },
    );
  }
}

/** Puts the state machine to where the snapshot is, reading it chunk by chunk; `cancelled` is asked between chunks. */
export function restoreSnapshot(
  store: SnapshotStore,
  group: number,
  snapshot: SnapshotMetadata,
  beginRestore: () => SnapshotSink,
  chunkBytes: number,
  cancelled: () => boolean,
  done: Done,
): void {
  let sink: SnapshotSink;
  try {
    sink = beginRestore();
  } catch (error) {
    done(new RestoreFailedError(snapshot, error));
    return;
  }
  const next = (offset: number): void => {
    if (cancelled()) {
      done(new Error("The member stopped while it restored a snapshot."));
      return;
    }
    if (offset === snapshot.sizeBytes) {
      done(attempt(snapshot, () => sink.finish()));
      return;
    }
    store.readChunk(group, snapshot, offset, chunkBytes, (error, chunk) => {
      if (error !== null || chunk === null) return done(error);
      const failure = attempt(snapshot, () => sink.write(chunk));
      if (failure === null) next(offset + chunk.length);
      else done(failure);
    });
  };
  next(0);
}

function attempt(snapshot: SnapshotMetadata, action: () => void): RestoreFailedError | null {
  try {
    action();
    return null;
  } catch (error) {
    return new RestoreFailedError(snapshot, error);
  }
}
