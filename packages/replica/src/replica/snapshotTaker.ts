import type { SnapshotMetadata } from "@balsa/core";
import type { Completion } from "../disk.js";
import type { SnapshotDraft } from "../storage/snapshotFile.js";
import type { SnapshotStore, SnapshotWriter } from "../storage/index.js";
import type { SnapshotSource } from "../stateMachine.js";

/** Writes a captured state to the disk, chunk by chunk, while the member goes on; `cancelled` is asked between chunks. */
export function takeSnapshot(
  store: SnapshotStore,
  group: number,
  draft: SnapshotDraft,
  source: SnapshotSource,
  chunkBytes: number,
  cancelled: () => boolean,
  done: Completion<SnapshotMetadata | null>,
): void {
  const writer = store.begin(group, draft);
  writeNext(writer, source, chunkBytes, cancelled, (error, metadata) => {
    source.release();
    if (error === null) done(null, metadata);
    // What can't be removed now goes at the next start; the first error is the one that counts.
    else writer.abort(() => done(error, null));
  });
}

function writeNext(
  writer: SnapshotWriter,
  source: SnapshotSource,
  chunkBytes: number,
  cancelled: () => boolean,
  done: Completion<SnapshotMetadata | null>,
): void {
  if (cancelled()) {
    done(new Error("The member stopped while it took a snapshot."), null);
    return;
  }
  let chunk: Uint8Array | null;
  try {
    chunk = source.read(chunkBytes);
  } catch (error) {
    done(new Error("The state machine could not give its snapshot.", { cause: error }), null);
    return;
  }
  if (chunk === null) {
    writer.finish(done);
    return;
  }
  writer.write(chunk, (error) => {
    if (error === null) writeNext(writer, source, chunkBytes, cancelled, done);
    else done(error, null);
  });
}
