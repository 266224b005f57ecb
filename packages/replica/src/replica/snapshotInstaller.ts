import type { SnapshotMetadata, SnapshotWrite } from "@balsa/core";
import type { Completion, Done } from "../disk.js";
import type { SnapshotStore, SnapshotWriter } from "../storage/index.js";

/** Called when an incoming snapshot is durable, or could not be taken. */
export type SnapshotArrived = (error: Error | null, snapshot: SnapshotMetadata) => void;

/** Puts the chunks of a leader's snapshot into a file. One comes in at a time: a new one ends the one before. */
export class SnapshotInstaller {
  readonly #store: SnapshotStore;
  readonly #group: number;
  readonly #arrived: SnapshotArrived;
  #writer: SnapshotWriter | null = null;

  constructor(store: SnapshotStore, group: number, arrived: SnapshotArrived) {
    this.#store = store;
    this.#group = group;
    this.#arrived = arrived;
  }

  /** Takes the chunks in order, as the core gives them. */
  write({ snapshot, offset, data, last }: SnapshotWrite): void {
    if (offset === 0) {
      this.stop(ignore);
      this.#writer = this.#store.begin(this.#group, snapshot);
    }
    const writer = this.#writer;
    if (writer === null) return; // it failed, and the core has been told
    const failed = (error: Error | null): void => {
      if (error !== null) this.#fail(writer, error, snapshot);
    };
    if (data.length > 0) writer.write(data, failed);
    if (!last) return;
    const finished: Completion<SnapshotMetadata | null> = (error) => {
      if (error !== null) return failed(error);
      if (this.#writer === writer) this.#writer = null;
      this.#arrived(null, snapshot);
    };
    writer.finish(finished);
  }

  /** Gives up what is coming in. */
  stop(done: Done): void {
    const writer = this.#writer;
    this.#writer = null;
    if (writer === null) done(null);
    else writer.abort(done);
  }

  #fail(writer: SnapshotWriter, error: Error, snapshot: SnapshotMetadata): void {
    if (this.#writer !== writer) return; // given up already
    this.stop(ignore);
    this.#arrived(error, snapshot);
  }
}

/** What could not be removed now goes at the next start. */
function ignore(): void {}
